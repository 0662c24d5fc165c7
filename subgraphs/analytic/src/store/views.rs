//! What accounts looked at lately.

use chrono::{DateTime, Utc};
use kernel::{AccountId, ProductId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};

/// A product and when the account last looked at it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct RecentView {
    /// The product.
    pub product_id: ProductId,
    /// When.
    pub viewed_at: DateTime<Utc>,
}

/// Where a page goes on: the time in microseconds since the epoch, and the product.
pub type RecentViewPosition = (i64, ProductId);

/// A page of what an account looked at, the latest first, each product once.
///
/// # Errors
/// The database cannot be reached.
pub async fn recent_view_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    page: &Page<RecentViewPosition>,
    with_total: bool,
) -> Result<Rows<RecentView>> {
    let account = account_id.uuid();
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let (after_micros, after_product) = page.after.map(|(micros, product_id)| (micros, product_id.uuid())).unzip();
    let after_at = after_micros.map(|micros| DateTime::from_timestamp_micros(micros).unwrap_or_default());
    let rows = RecentView::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT product_id, viewed_at FROM analytic.recent_view
        WHERE account_id = {account}
            AND ({after_at}::timestamptz IS NULL
                OR (viewed_at, product_id) < ({after_at}::timestamptz, {after_product}::uuid))
        ORDER BY viewed_at DESC, product_id DESC LIMIT {limit}
        "#
    ));
    let rows = rows.all(db).await?;
    let total = if with_total {
        let counted =
            raw_sql!(Postgres, r#"SELECT count(*) AS views FROM analytic.recent_view WHERE account_id = {account}"#);
        let counted = db.query_one_raw(counted).await?.ok_or_else(|| Error::broken("a count without a row"))?;
        Some(counted.try_get::<i64>("", "views")?.unsigned_abs())
    } else {
        None
    };
    Ok(Rows { rows, total })
}
