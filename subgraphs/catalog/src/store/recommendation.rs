//! What recommendations read of the catalog, and what they keep of other modules' knowledge.

use std::collections::HashMap;

use kernel::{AccountId, ProductId};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, TransactionTrait, raw_sql};
use service_kit::Result;
use uuid::Uuid;

/// Replaces the list of products that trend, the highest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn trending_replace(db: &DatabaseConnection, trending: &[ProductId]) -> Result<()> {
    let (ids, places): (Vec<Uuid>, Vec<i32>) = trending.iter().map(|id| id.uuid()).zip(0..).unzip();
    let txn = db.begin().await?;
    // Two writers take turns, or each would add what the other does not see yet.
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('catalog.trending_product'))").await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"DELETE FROM catalog.trending_product WHERE product_id <> ALL({ids}::uuid[])"#
    ))
    .await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO catalog.trending_product AS t (product_id, place)
           SELECT product_id, place FROM unnest({ids}::uuid[], {places}::integer[]) AS d (product_id, place)
           ON CONFLICT (product_id) DO UPDATE SET place = excluded.place WHERE t.place <> excluded.place"#
    ))
    .await?;
    txn.commit().await?;
    Ok(())
}

/// Notes products that an account has or does not want.
///
/// # Errors
/// The database cannot be reached.
pub async fn settled_note(db: &impl ConnectionTrait, account_id: AccountId, settled: &[ProductId]) -> Result<()> {
    let account = account_id.uuid();
    let ids: Vec<Uuid> = settled.iter().map(|id| id.uuid()).collect();
    db.execute_raw(raw_sql!(
        Postgres,
        r#"INSERT INTO catalog.settled_product (account_id, product_id)
           SELECT {account}, product_id FROM unnest({ids}::uuid[]) AS d (product_id)
           ORDER BY product_id ON CONFLICT DO NOTHING"#
    ))
    .await?;
    Ok(())
}

/// A product that may be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Offer {
    /// The product.
    pub id: ProductId,
    /// Who sells it.
    pub seller_id: AccountId,
}

/// Those products that may be recommended to an account: on offer, not known to be sold out, not its own, and neither
/// bought nor rejected by it. In the order of `ids`.
///
/// # Errors
/// The database cannot be reached.
pub async fn offer_list(db: &impl ConnectionTrait, account_id: AccountId, ids: &[ProductId]) -> Result<Vec<Offer>> {
    let account = account_id.uuid();
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let offers = Offer::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT p.id, p.seller_id FROM catalog.product p
           WHERE p.id = ANY({wanted}::uuid[]) AND p.enabled AND p.deleted_at IS NULL AND p.seller_id <> {account}
               AND NOT EXISTS (SELECT FROM catalog.settled_product s
                               WHERE s.account_id = {account} AND s.product_id = p.id)
               AND NOT EXISTS (SELECT FROM catalog.sku s JOIN catalog.sku_stock k ON k.sku_id = s.id
                               WHERE s.product_id = p.id AND s.enabled HAVING NOT bool_or(k.in_stock))"#
    ));
    let offers: HashMap<ProductId, Offer> = offers.all(db).await?.into_iter().map(|offer| (offer.id, offer)).collect();
    Ok(ids.iter().filter_map(|id| offers.get(id).copied()).collect())
}

/// A product that many like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Popular {
    /// The product.
    pub id: ProductId,
    /// Whether it trends; it is among the best rated otherwise.
    pub trends: bool,
}

/// What many like: what trends, and after it the best rated, at most `most` of each.
///
/// # Errors
/// The database cannot be reached.
pub async fn popular_list(db: &impl ConnectionTrait, most: usize) -> Result<Vec<Popular>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = Popular::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT id, trends FROM (
               (SELECT product_id AS id, true AS trends, -place::bigint AS score FROM catalog.trending_product
                ORDER BY place LIMIT {most})
               UNION ALL
               (SELECT r.product_id, false, r.score FROM catalog.product_rating r
                JOIN catalog.product p ON p.id = r.product_id
                WHERE p.enabled AND p.deleted_at IS NULL
                    AND NOT EXISTS (SELECT FROM catalog.trending_product t WHERE t.product_id = r.product_id)
                ORDER BY r.score DESC, r.product_id DESC LIMIT {most})
           ) popular ORDER BY trends DESC, score DESC, id DESC"#
    ));
    Ok(rows.all(db).await?)
}

/// A product with its vector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Meaning {
    /// The product.
    pub product_id: ProductId,
    /// Its vector.
    pub vector: Vec<f32>,
}

/// The vectors of products by one model. Products without are left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn meaning_list(db: &impl ConnectionTrait, model: &str, ids: &[ProductId]) -> Result<Vec<Meaning>> {
    let model = model.to_owned();
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = Meaning::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT product_id, vector FROM catalog.product_vector
           WHERE product_id = ANY({ids}::uuid[]) AND model = {model}"#
    ));
    Ok(rows.all(db).await?)
}
