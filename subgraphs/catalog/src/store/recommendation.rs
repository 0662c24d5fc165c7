//! What recommendations read of the catalog, and what they keep of other modules' knowledge.

use std::collections::HashMap;

use kernel::{AccountId, ProductId};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, FromQueryResult, Statement, TransactionTrait,
    raw_sql,
};
use service_kit::Result;
use uuid::Uuid;

/// Replaces the lists of products that trend and that sell most, each the highest first, and has the index take those
/// products that are more or less popular now.
///
/// # Errors
/// The database cannot be reached.
pub async fn popular_replace(db: &DatabaseConnection, trending: &[ProductId], best_sold: &[ProductId]) -> Result<()> {
    let txn = db.begin().await?;
    // Two writers take turns, or each would add what the other does not see yet.
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('catalog.trending_product'))").await?;
    list_replace_in_txn(&txn, "catalog.trending_product", trending).await?;
    list_replace_in_txn(&txn, "catalog.best_sold_product", best_sold).await?;
    txn.execute_unprepared(POPULARITY).await?;
    txn.commit().await?;
    Ok(())
}

async fn list_replace_in_txn(txn: &DatabaseTransaction, table: &str, list: &[ProductId]) -> Result<()> {
    let (ids, places): (Vec<Uuid>, Vec<i32>) = list.iter().map(|id| id.uuid()).zip(0..).unzip();
    let gone = format!("DELETE FROM {table} WHERE product_id <> ALL($1::uuid[])");
    txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, gone, [ids.clone().into()])).await?;
    let there = format!(
        "INSERT INTO {table} AS t (product_id, place)
         SELECT product_id, place FROM unnest($1::uuid[], $2::integer[]) AS d (product_id, place)
         ON CONFLICT (product_id) DO UPDATE SET place = excluded.place WHERE t.place <> excluded.place"
    );
    txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, there, [ids.into(), places.into()])).await?;
    Ok(())
}

/// Three steps of popularity by the better place of both lists: the first ten, the first fifty, all others in them. A
/// product moves between steps rarely, so that few rows of the index are written anew.
const POPULARITY: &str = r#"
    WITH listed AS (
        SELECT product_id, CASE WHEN min(place) < 10 THEN 3 WHEN min(place) < 50 THEN 2 ELSE 1 END AS popularity
        FROM (SELECT product_id, place FROM catalog.trending_product
              UNION ALL SELECT product_id, place FROM catalog.best_sold_product) both_lists
        GROUP BY product_id
    ), moved AS (
        SELECT product_id, coalesce(listed.popularity, 0) AS popularity
        FROM (SELECT product_id FROM catalog.product_index WHERE popularity > 0
              UNION SELECT product_id FROM listed) now_or_before
        LEFT JOIN listed USING (product_id)
    )
    UPDATE catalog.product_index i SET popularity = moved.popularity, facts_version = i.facts_version + 1
    FROM moved WHERE moved.product_id = i.product_id AND moved.popularity <> i.popularity"#;

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
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Popular {
    /// The product.
    pub id: ProductId,
    /// By what: `trending`, `most_sold` or `top_rated`.
    pub by: String,
}

/// What many like: what trends, after it what sells most, and after that the best rated, at most `most` of each.
///
/// # Errors
/// The database cannot be reached.
pub async fn popular_list(db: &impl ConnectionTrait, most: usize) -> Result<Vec<Popular>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = Popular::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT id, by FROM (
               (SELECT product_id AS id, 'trending' AS by, 1 AS list, -place::bigint AS score FROM catalog.trending_product
                ORDER BY place LIMIT {most})
               UNION ALL
               (SELECT s.product_id, 'most_sold', 2, -s.place::bigint FROM catalog.best_sold_product s
                WHERE NOT EXISTS (SELECT FROM catalog.trending_product t WHERE t.product_id = s.product_id)
                ORDER BY s.place LIMIT {most})
               UNION ALL
               (SELECT r.product_id, 'top_rated', 3, r.score FROM catalog.product_rating r
                JOIN catalog.product p ON p.id = r.product_id
                WHERE p.enabled AND p.deleted_at IS NULL
                    AND NOT EXISTS (SELECT FROM catalog.trending_product t WHERE t.product_id = r.product_id)
                    AND NOT EXISTS (SELECT FROM catalog.best_sold_product s WHERE s.product_id = r.product_id)
                ORDER BY r.score DESC, r.product_id DESC LIMIT {most})
           ) popular ORDER BY list, score DESC, id DESC"#
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
