//! What sellers sold, and what was seen of it: recorded once, rolled up by the quarter of an hour, read by the day.
//!
//! A quarter of an hour is the finest step in which time zones differ, so the days, weeks and months of each of them are
//! sums of whole rows, and no raw row is ever read for a dashboard.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::{
    analytic::{Interaction, InteractionKind, Sale},
    catalog::ProductSeller,
};
use kernel::{AccountId, ProductId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::{Error, Result};
use uuid::Uuid;

/// Those of the products that were viewed whose seller is not known yet.
///
/// # Errors
/// The database cannot be reached.
pub async fn strangers_viewed(db: &impl ConnectionTrait, interactions: &[Interaction]) -> Result<Vec<ProductId>> {
    let viewed = interactions.iter().filter(|one| one.kind == InteractionKind::View);
    let viewed: Vec<Uuid> = viewed.map(|one| one.product_id.uuid()).collect();
    if viewed.is_empty() {
        return Ok(Vec::new());
    }
    let strangers = db.query_all_raw(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT product_id FROM unnest({viewed}::uuid[]) AS viewed (product_id)
           WHERE NOT EXISTS (SELECT FROM analytic.product_seller s WHERE s.product_id = viewed.product_id)"#
    ));
    let strangers = strangers.await?;
    strangers.iter().map(|row| Ok(ProductId(row.try_get("", "product_id")?))).collect()
}

/// Notes who sells products.
///
/// # Errors
/// The database cannot be reached.
pub async fn sellers_note(db: &impl ConnectionTrait, sellers: &[ProductSeller]) -> Result<()> {
    let (products, accounts): (Vec<Uuid>, Vec<Uuid>) =
        sellers.iter().map(|one| (one.product_id.uuid(), one.seller_id.uuid())).unzip();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO analytic.product_seller (product_id, seller_id)
           SELECT product_id, seller_id FROM unnest({products}::uuid[], {accounts}::uuid[]) AS d (product_id, seller_id)
           ORDER BY product_id ON CONFLICT DO NOTHING"#
    ))
    .await?;
    Ok(())
}

/// Records sales and adds them to the roll-ups, in one statement. Those that are recorded already count no more. Answers
/// with how many were new.
///
/// # Errors
/// The database cannot be reached, or a sale says neither that something was sold nor that it came back.
pub async fn sales_record(db: &impl ConnectionTrait, sales: &[Sale]) -> Result<u64> {
    if sales.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = sales.iter().map(|sale| sale.sale_id).collect();
    let sellers: Vec<Uuid> = sales.iter().map(|sale| sale.seller_id.uuid()).collect();
    let orders: Vec<Uuid> = sales.iter().map(|sale| sale.order_id.uuid()).collect();
    let products: Vec<Uuid> = sales.iter().map(|sale| sale.product_id.uuid()).collect();
    let units: Vec<i64> = sales.iter().map(|sale| sale.units).collect();
    let amounts: Vec<i64> = sales.iter().map(|sale| sale.amount_minor).collect();
    let currencies: Vec<String> = sales.iter().map(|sale| sale.currency.clone()).collect();
    let times: Vec<DateTime<Utc>> = sales.iter().map(|sale| sale.occurred_at).collect();
    let recorded = db
        .query_one_raw(raw_sql!(
            Postgres,
            r#"
            WITH fresh AS (
                INSERT INTO analytic.sale (id, seller_id, order_id, product_id, units, amount_minor, currency, occurred_at)
                SELECT id, seller_id, order_id, product_id, units, amount_minor, currency, occurred_at
                FROM unnest({ids}::uuid[], {sellers}::uuid[], {orders}::uuid[], {products}::uuid[], {units}::bigint[],
                            {amounts}::bigint[], {currencies}::text[], {times}::timestamptz[])
                    AS sent (id, seller_id, order_id, product_id, units, amount_minor, currency, occurred_at)
                ORDER BY id
                ON CONFLICT (id) DO NOTHING
                RETURNING seller_id, order_id, product_id, units, amount_minor, currency,
                    date_bin('15 minutes', occurred_at, 'epoch'::timestamptz) AS slot
            ), known_sellers AS (
                INSERT INTO analytic.product_seller (product_id, seller_id)
                SELECT DISTINCT product_id, seller_id FROM fresh ORDER BY product_id
                ON CONFLICT DO NOTHING
            ), opened AS (
                INSERT INTO analytic.sold_order (order_id)
                SELECT DISTINCT order_id FROM fresh WHERE units > 0 ORDER BY order_id
                ON CONFLICT DO NOTHING
                RETURNING order_id
            ), by_order AS (
                INSERT INTO analytic.seller_order_slot AS known (seller_id, slot, orders)
                SELECT seller_id, slot, count(DISTINCT order_id) FROM fresh JOIN opened USING (order_id)
                WHERE units > 0 GROUP BY seller_id, slot ORDER BY seller_id, slot
                ON CONFLICT (seller_id, slot) DO UPDATE SET orders = known.orders + excluded.orders
            ), by_product AS (
                INSERT INTO analytic.product_sales AS known (product_id, seller_id, units_sold, units_returned)
                SELECT product_id, seller_id, coalesce(sum(units) FILTER (WHERE units > 0), 0),
                    coalesce(-sum(units) FILTER (WHERE units < 0), 0)
                FROM fresh GROUP BY product_id, seller_id ORDER BY product_id
                ON CONFLICT (product_id) DO UPDATE SET
                    units_sold = known.units_sold + excluded.units_sold,
                    units_returned = known.units_returned + excluded.units_returned
            ), by_slot AS (
                INSERT INTO analytic.seller_slot AS known
                    (seller_id, slot, product_id, currency, units_sold, sold_minor, units_returned, returned_minor)
                SELECT seller_id, slot, product_id, currency,
                    coalesce(sum(units) FILTER (WHERE units > 0), 0),
                    coalesce(sum(amount_minor) FILTER (WHERE units > 0), 0),
                    coalesce(-sum(units) FILTER (WHERE units < 0), 0),
                    coalesce(-sum(amount_minor) FILTER (WHERE units < 0), 0)
                FROM fresh GROUP BY seller_id, slot, product_id, currency
                ORDER BY seller_id, slot, product_id, currency
                ON CONFLICT (seller_id, slot, product_id, currency) DO UPDATE SET
                    units_sold = known.units_sold + excluded.units_sold,
                    sold_minor = known.sold_minor + excluded.sold_minor,
                    units_returned = known.units_returned + excluded.units_returned,
                    returned_minor = known.returned_minor + excluded.returned_minor
            )
            SELECT count(*) AS fresh FROM fresh
            "#
        ))
        .await?
        .ok_or_else(|| Error::broken("a count without a row"))?;
    Ok(recorded.try_get::<i64>("", "fresh")?.unsigned_abs())
}

/// Days of a seller's figures: both ends belong to them, and midnight is that of the time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Whose figures.
    pub seller_id: AccountId,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// A name of the IANA time zone database.
    pub time_zone: String,
}

/// How days are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Each alone.
    Day,
    /// From Monday on.
    Week,
    /// By the calendar.
    Month,
}

impl Step {
    fn unit(self) -> String {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
        .to_owned()
    }
}

/// What was sold and seen in a period, in one currency; views stand in rows without a currency.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Figures {
    /// The first day of the period, which may lie before the span.
    pub start: NaiveDate,
    /// ISO 4217 code; empty for views.
    pub currency: String,
    /// Units that were paid for.
    pub units_sold: i64,
    /// What was paid for them.
    pub sold_minor: i64,
    /// Units for which the money went back.
    pub units_returned: i64,
    /// What went back.
    pub returned_minor: i64,
    /// How often others looked at products.
    pub views: i64,
}

/// The figures of a span by period. Periods in which nothing happened are left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn figures_list(db: &impl ConnectionTrait, span: &Span, step: Step) -> Result<Vec<Figures>> {
    let (seller, unit, zone) = (span.seller_id.uuid(), step.unit(), span.time_zone.clone());
    let (from, to) = (span.from, span.to);
    let rows = Figures::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT date_trunc({unit}::text, slot AT TIME ZONE {zone}::text)::date AS start, currency,
            sum(units_sold)::bigint AS units_sold, sum(sold_minor)::bigint AS sold_minor,
            sum(units_returned)::bigint AS units_returned, sum(returned_minor)::bigint AS returned_minor,
            sum(views)::bigint AS views
        FROM analytic.seller_slot
        WHERE seller_id = {seller} AND slot >= {from}::date::timestamp AT TIME ZONE {zone}::text
            AND slot < ({to}::date + 1)::timestamp AT TIME ZONE {zone}::text
        GROUP BY 1, 2 ORDER BY 1, 2
        "#
    ));
    Ok(rows.all(db).await?)
}

#[derive(FromQueryResult)]
struct OrdersRow {
    start: NaiveDate,
    orders: i64,
}

/// How many orders were paid in each period of a span; periods without are left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn orders_by_period(db: &impl ConnectionTrait, span: &Span, step: Step) -> Result<HashMap<NaiveDate, i64>> {
    let (seller, unit, zone) = (span.seller_id.uuid(), step.unit(), span.time_zone.clone());
    let (from, to) = (span.from, span.to);
    let rows = OrdersRow::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT date_trunc({unit}::text, slot AT TIME ZONE {zone}::text)::date AS start, sum(orders)::bigint AS orders
        FROM analytic.seller_order_slot
        WHERE seller_id = {seller} AND slot >= {from}::date::timestamp AT TIME ZONE {zone}::text
            AND slot < ({to}::date + 1)::timestamp AT TIME ZONE {zone}::text
        GROUP BY 1
        "#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| (row.start, row.orders)).collect())
}

/// By what the best products of a seller are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// What was paid less what went back, in one currency.
    Revenue,
    /// Units sold less those that came back.
    Units,
    /// How often others looked at it.
    Views,
}

/// The figures of one product.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ProductFigures {
    /// The product.
    pub product_id: ProductId,
    /// Units sold less those that came back.
    pub units: i64,
    /// What was paid less what went back, in the currency asked for.
    pub revenue_minor: i64,
    /// How often others looked at it.
    pub views: i64,
}

/// The best products of a span, the best first; none of which the measure is not above zero.
///
/// # Errors
/// The database cannot be reached.
pub async fn products_by_measure(
    db: &impl ConnectionTrait,
    span: &Span,
    measure: Measure,
    currency: &str,
    most: i64,
) -> Result<Vec<ProductFigures>> {
    let (seller, zone, currency) = (span.seller_id.uuid(), span.time_zone.clone(), currency.to_owned());
    let (from, to) = (span.from, span.to);
    let measure = match measure {
        Measure::Revenue => 0,
        Measure::Units => 1,
        Measure::Views => 2,
    };
    let rows = ProductFigures::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT product_id, units, revenue_minor, views FROM (
            SELECT *, CASE {measure}::int WHEN 0 THEN revenue_minor WHEN 1 THEN units ELSE views END AS measure FROM (
            SELECT product_id, sum(units_sold - units_returned)::bigint AS units,
                coalesce(sum(sold_minor - returned_minor) FILTER (WHERE currency = {currency}), 0)::bigint AS revenue_minor,
                sum(views)::bigint AS views
            FROM analytic.seller_slot
            WHERE seller_id = {seller} AND slot >= {from}::date::timestamp AT TIME ZONE {zone}::text
                AND slot < ({to}::date + 1)::timestamp AT TIME ZONE {zone}::text
            GROUP BY product_id) sums
        ) measured
        WHERE measure > 0 ORDER BY measure DESC, product_id LIMIT {most}
        "#
    ));
    Ok(rows.all(db).await?)
}

#[derive(FromQueryResult)]
struct SoldRow {
    id: Uuid,
    units: i64,
}

/// How many units of products were sold and kept.
///
/// # Errors
/// The database cannot be reached.
pub async fn sold_by_product(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<HashMap<ProductId, i64>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = SoldRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT product_id AS id, greatest(units_sold - units_returned, 0) AS units
           FROM analytic.product_sales WHERE product_id = ANY({ids}::uuid[])"#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| (ProductId(row.id), row.units)).collect())
}

/// How many units sellers sold that were kept.
///
/// # Errors
/// The database cannot be reached.
pub async fn sold_by_seller(db: &impl ConnectionTrait, ids: &[AccountId]) -> Result<HashMap<AccountId, i64>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = SoldRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT seller_id AS id, sum(greatest(units_sold - units_returned, 0))::bigint AS units
           FROM analytic.product_sales WHERE seller_id = ANY({ids}::uuid[]) GROUP BY seller_id"#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| (AccountId(row.id), row.units)).collect())
}

/// The products of which most units were sold and kept, the most first.
///
/// # Errors
/// The database cannot be reached.
pub async fn best_sold_list(db: &impl ConnectionTrait, most: u32) -> Result<Vec<ProductId>> {
    let most = i64::from(most);
    let rows = SoldRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT product_id AS id, units_sold - units_returned AS units FROM analytic.product_sales
           WHERE units_sold - units_returned > 0
           ORDER BY units_sold - units_returned DESC, product_id DESC LIMIT {most}"#
    ));
    Ok(rows.all(db).await?.into_iter().map(|row| ProductId(row.id)).collect())
}
