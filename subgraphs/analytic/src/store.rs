//! The module's SQL.

pub mod sales;
pub mod views;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::analytic::{Interaction, InteractionKind, Liking, Taste};
use entities::analytic::popularity;
use kernel::{AccountId, ProductId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, raw_sql};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};
use uuid::Uuid;

use crate::weights::{KINDS, Weights};

/// Records interactions and adds their weights to the popularity of their products, in one statement. Those that are
/// recorded already count no more. Answers with how many were new.
///
/// Rows are met in the order of their ids everywhere, so that two batches never wait for each other in a circle.
pub async fn interactions_record(
    db: &impl ConnectionTrait,
    weights: &Weights,
    interactions: &[Interaction],
) -> Result<u64> {
    if interactions.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = interactions.iter().map(|one| one.interaction_id).collect();
    // SQL arrays hold no nulls here: a visitor who is not logged in travels as the nil UUID.
    let account_ids: Vec<Uuid> =
        interactions.iter().map(|one| one.account_id.map_or(Uuid::nil(), AccountId::uuid)).collect();
    let product_ids: Vec<ProductId> = interactions.iter().map(|one| one.product_id).collect();
    let kinds = interactions.iter().map(|one| kind_name(one.kind)).collect::<Result<Vec<String>>>()?;
    let weights_milli: Vec<i64> = interactions.iter().map(|one| weights.milli(one.kind)).collect();
    let times: Vec<DateTime<Utc>> = interactions.iter().map(|one| one.occurred_at).collect();
    let recorded = db
        .query_one_raw(raw_sql!(
            Postgres,
            r#"
            WITH fresh AS (
                INSERT INTO analytic.interaction (id, account_id, product_id, kind, weight_milli, occurred_at)
                SELECT id, nullif(account_id, '00000000-0000-0000-0000-000000000000'), product_id, kind, weight_milli,
                    occurred_at
                FROM unnest({ids}, {account_ids}, {product_ids}, {kinds}, {weights_milli}, {times})
                    AS sent (id, account_id, product_id, kind, weight_milli, occurred_at)
                ORDER BY id
                ON CONFLICT (id) DO NOTHING
                RETURNING account_id, product_id, kind, weight_milli, occurred_at, (occurred_at AT TIME ZONE 'UTC')::date AS day
            ), by_product AS (
                INSERT INTO analytic.popularity AS known (product_id, score_milli, interaction_count)
                SELECT product_id, sum(weight_milli)::bigint, count(*) FROM fresh GROUP BY product_id
                ORDER BY product_id
                ON CONFLICT (product_id) DO UPDATE SET
                    score_milli = known.score_milli + excluded.score_milli,
                    interaction_count = known.interaction_count + excluded.interaction_count,
                    updated_at = now()
            ), by_day AS (
                INSERT INTO analytic.popularity_day AS known (day, product_id, score_milli, interaction_count)
                SELECT day, product_id, sum(weight_milli)::bigint, count(*) FROM fresh GROUP BY day, product_id
                ORDER BY day, product_id
                ON CONFLICT (day, product_id) DO UPDATE SET
                    score_milli = known.score_milli + excluded.score_milli,
                    interaction_count = known.interaction_count + excluded.interaction_count
            ), by_viewer AS (
                INSERT INTO analytic.recent_view AS known (account_id, product_id, viewed_at)
                SELECT account_id, product_id, max(occurred_at) FROM fresh
                WHERE kind = 'view' AND account_id IS NOT NULL
                GROUP BY account_id, product_id ORDER BY account_id, product_id
                ON CONFLICT (account_id, product_id) DO UPDATE SET
                    viewed_at = greatest(known.viewed_at, excluded.viewed_at)
            ), by_seller AS (
                INSERT INTO analytic.seller_slot AS known (seller_id, slot, product_id, currency, views)
                SELECT seller_id, date_bin('15 minutes', occurred_at, 'epoch'::timestamptz), product_id, '', count(*)
                FROM fresh JOIN analytic.product_seller USING (product_id)
                WHERE kind = 'view' AND account_id IS DISTINCT FROM seller_id
                GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                ON CONFLICT (seller_id, slot, product_id, currency) DO UPDATE SET views = known.views + excluded.views
            )
            SELECT count(*) AS fresh FROM fresh
            "#
        ))
        .await?
        .ok_or_else(|| Error::broken("a count without a row"))?;
    Ok(recorded.try_get::<i64>("", "fresh")?.unsigned_abs())
}

/// The name of a kind as the contract between the modules writes it.
fn kind_name(kind: InteractionKind) -> Result<String> {
    match serde_json::to_value(kind)? {
        serde_json::Value::String(name) => Ok(name),
        other => Err(Error::broken(format!("a kind of interaction that is not a text: {other}"))),
    }
}

/// The popularity of products. Products without interactions are left out.
pub async fn popularity_list(db: &impl ConnectionTrait, product_ids: &[ProductId]) -> Result<Vec<popularity::Model>> {
    Ok(popularity::Entity::find()
        .filter(popularity::Column::ProductId.is_in(product_ids.iter().copied()))
        .all(db)
        .await?)
}

/// A product and how much it trends.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Trending {
    /// The product.
    pub product_id: ProductId,
    /// Its score in thousandths, decayed by age.
    pub score_milli: i64,
}

/// Where a page of trending products goes on: as of which day they are ranked, the score and the product.
pub type TrendingPosition = (NaiveDate, i64, ProductId);

/// How many days trends look back.
pub const TREND_DAYS: i32 = 14;
/// After so many days an interaction counts half.
pub const TREND_HALF_LIFE_DAYS: f64 = 3.0;

/// A page of the products that trend on `day`, the highest first: the scores of the last [`TREND_DAYS`] days, halved for
/// every [`TREND_HALF_LIFE_DAYS`] of age. Products whose score is not positive do not trend.
pub async fn trending_list(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    page: &Page<TrendingPosition>,
    with_total: bool,
) -> Result<Rows<Trending>> {
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let (after_score, after_product) = page.after.map(|(_, score, product_id)| (score, product_id)).unzip();
    let (days, half_life) = (TREND_DAYS, TREND_HALF_LIFE_DAYS);
    let rows = Trending::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT product_id, score_milli FROM (
            SELECT product_id, round(sum(score_milli * power(0.5::float8, ({day} - day) / {half_life})))::bigint AS score_milli
            FROM analytic.popularity_day
            WHERE day > {day} - {days} AND day <= {day}
            GROUP BY product_id
        ) trend
        WHERE score_milli > 0
            AND ({after_score}::bigint IS NULL
                OR (score_milli, product_id) < ({after_score}::bigint, {after_product}::uuid))
        ORDER BY score_milli DESC, product_id DESC LIMIT {limit}
        "#
    ))
    .all(db)
    .await?;
    let total = if with_total { Some(trending_count(db, day).await?) } else { None };
    Ok(Rows { rows, total })
}

async fn trending_count(db: &impl ConnectionTrait, day: NaiveDate) -> Result<u64> {
    let (days, half_life) = (TREND_DAYS, TREND_HALF_LIFE_DAYS);
    let counted = db
        .query_one_raw(raw_sql!(
            Postgres,
            r#"
            SELECT count(*) AS products FROM (
                SELECT FROM analytic.popularity_day WHERE day > {day} - {days} AND day <= {day}
                GROUP BY product_id
                HAVING round(sum(score_milli * power(0.5::float8, ({day} - day) / {half_life}))) > 0
            ) trend
            "#
        ))
        .await?
        .ok_or_else(|| Error::broken("a count without a row"))?;
    Ok(counted.try_get::<i64>("", "products")?.unsigned_abs())
}

/// After so many days what an account did counts half.
pub const TASTE_HALF_LIFE_DAYS: f64 = 14.0;

/// Of so many of its latest interactions an account's taste is made.
const TASTE_INTERACTIONS: i64 = 1_000;

/// At most so many likings make a taste.
const LIKINGS: i64 = 50;

/// At most so many products are told that an account has or does not want.
const SETTLED: i64 = 2_000;

#[derive(FromQueryResult)]
struct LikedRow {
    product_id: ProductId,
    weight_milli: i64,
}

#[derive(FromQueryResult)]
struct SettledRow {
    product_id: ProductId,
}

/// What an account liked lately: the weights of what it did with each product, halved for every
/// [`TASTE_HALF_LIFE_DAYS`] of age, and what it bought, hid or rejected ever.
pub async fn taste_fetch(db: &impl ConnectionTrait, account_id: AccountId, now: DateTime<Utc>) -> Result<Taste> {
    let account = account_id.uuid();
    let half_life = TASTE_HALF_LIFE_DAYS;
    let liked = LikedRow::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT product_id, weight_milli FROM (
            SELECT product_id, round(sum(weight_milli * power(0.5::float8,
                greatest(0, extract(epoch FROM {now} - occurred_at)::float8) / 86400 / {half_life})))::bigint AS weight_milli
            FROM (
                SELECT product_id, weight_milli, occurred_at FROM analytic.interaction
                WHERE account_id = {account} ORDER BY occurred_at DESC LIMIT {TASTE_INTERACTIONS}
            ) latest
            GROUP BY product_id
        ) liking
        WHERE weight_milli > 0 ORDER BY weight_milli DESC, product_id LIMIT {LIKINGS}
        "#
    ));
    let settling: Vec<String> =
        KINDS.iter().filter(|(kind, ..)| kind.settles()).map(|(kind, ..)| kind_name(*kind)).collect::<Result<_>>()?;
    let settled = SettledRow::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT product_id FROM analytic.interaction WHERE account_id = {account} AND kind = ANY({settling}::text[])
        GROUP BY product_id ORDER BY max(occurred_at) DESC, product_id LIMIT {SETTLED}
        "#
    ));
    let liked = liked.all(db).await?.into_iter();
    Ok(Taste {
        liked: liked.map(|row| Liking { product_id: row.product_id, weight_milli: row.weight_milli }).collect(),
        settled: settled.all(db).await?.into_iter().map(|row| row.product_id).collect(),
    })
}
