//! New products, and who follows their sellers. A feed is read, not written: following somebody shows what they have
//! published before, and a seller with many followers costs no more than one with none.

use chrono::{DateTime, Utc};
use contracts::account::ProductPublished;
use entities::account::published_product;
use kernel::{AccountId, ProductId};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, FromQueryResult, raw_sql};
use service_kit::{
    Result,
    graphql::{Page, Rows},
};

/// Notes a new product; again changes nothing.
pub(crate) async fn product_publish(db: &impl ConnectionTrait, product: &ProductPublished) -> Result<()> {
    let row = published_product::ActiveModel {
        product_id: Set(product.product_id),
        seller_id: Set(product.seller_id),
        published_at: Set(product.published_at),
    };
    published_product::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(db).await?;
    Ok(())
}

/// New products of those whom an account follows, the newest first. Each seller gives at most a page, by the index, and
/// the newest of all are kept.
pub(crate) async fn feed_list(
    db: &impl ConnectionTrait,
    follower_id: AccountId,
    page: &Page<(DateTime<Utc>, ProductId)>,
    with_total: bool,
) -> Result<Rows<published_product::Model>> {
    let limit = i64::try_from(page.fetch()).unwrap_or(i64::MAX);
    let (after_at, after_id) = page.after.unzip();
    let rows = published_product::Model::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT newest.* FROM account.follow
        CROSS JOIN LATERAL (
            SELECT * FROM account.published_product AS product
            WHERE product.seller_id = follow.followed_id
                AND ({after_at}::timestamptz IS NULL
                    OR (product.published_at, product.product_id) < ({after_at}::timestamptz, {after_id}::uuid))
            ORDER BY product.published_at DESC, product.product_id DESC LIMIT {limit}
        ) AS newest
        WHERE follow.follower_id = {follower_id}
        ORDER BY newest.published_at DESC, newest.product_id DESC LIMIT {limit}
        "#
    ));
    let total = if with_total { Some(feed_count(db, follower_id).await?) } else { None };
    Ok(Rows { rows: rows.all(db).await?, total })
}

async fn feed_count(db: &impl ConnectionTrait, follower_id: AccountId) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Counted {
        count: i64,
    }
    let counted = Counted::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT count(*) AS count FROM account.follow
        JOIN account.published_product ON published_product.seller_id = follow.followed_id
        WHERE follow.follower_id = {follower_id}
        "#
    ));
    Ok(counted.one(db).await?.map_or(0, |counted| u64::try_from(counted.count).unwrap_or_default()))
}
