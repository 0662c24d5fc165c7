//! What other modules read of SKUs and products, in one statement.

use contracts::catalog::{ProductSeller, SkuSnapshot};
use kernel::{AccountId, CategoryId, Money, ProductId, SkuId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::{Error, Result};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Row {
    sku_id: SkuId,
    product_id: ProductId,
    product_name: String,
    variant_label: String,
    seller_id: AccountId,
    category_path: Vec<Uuid>,
    price_minor: i64,
    price_currency: String,
    weight_grams: i32,
    enabled: bool,
}

/// SKUs as they stand now. Unknown ids, and SKUs of deleted products, are left out.
///
/// # Errors
/// The database cannot be reached.
pub async fn sku_snapshot_list(db: &impl ConnectionTrait, ids: &[SkuId]) -> Result<Vec<SkuSnapshot>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Not as an array: the database would plan a statement for one id, which most are for, anew each time.
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT s.id AS sku_id, p.id AS product_id, p.name AS product_name, s.label AS variant_label, p.seller_id,
                  c.path AS category_path, s.price_minor, s.price_currency, s.weight_grams,
                  (s.enabled AND p.enabled) AS enabled
           FROM catalog.sku s
           JOIN catalog.product p ON p.id = s.product_id AND p.deleted_at IS NULL
           JOIN catalog.category c ON c.id = p.category_id
           WHERE s.id IN ({..ids})"#
    ));
    rows.all(db).await?.into_iter().map(snapshot).collect()
}

#[derive(FromQueryResult)]
struct SellerRow {
    id: ProductId,
    seller_id: AccountId,
}

/// Who sells products. Unknown ids are left out, deleted products are not: what was seen of them stays their seller's.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_seller_list(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<ProductSeller>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = SellerRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT id, seller_id FROM catalog.product WHERE id = ANY({ids}::uuid[])"#
    ));
    let rows = rows.all(db).await?.into_iter();
    Ok(rows.map(|row| ProductSeller { product_id: row.id, seller_id: row.seller_id }).collect())
}

fn snapshot(row: Row) -> Result<SkuSnapshot> {
    Ok(SkuSnapshot {
        sku_id: row.sku_id,
        product_id: row.product_id,
        product_name: row.product_name,
        variant_label: row.variant_label,
        seller_id: row.seller_id,
        category_path: row.category_path.into_iter().rev().map(CategoryId).collect(),
        unit_price: price(row.price_minor, &row.price_currency)?,
        weight_grams: row.weight_grams,
        enabled: row.enabled,
    })
}

/// A price as a row holds it.
pub(crate) fn price(minor: i64, currency: &str) -> Result<Money> {
    let currency = currency.parse().map_err(|error| Error::internal("reading the currency of a price", error))?;
    Ok(Money::new(minor, currency))
}
