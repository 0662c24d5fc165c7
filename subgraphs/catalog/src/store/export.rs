//! A seller's products as the importer reads them, page by page.

use entities::catalog::product::NamedValues;
use kernel::{AccountId, ProductId, SkuId};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use service_kit::Result;
use uuid::Uuid;

/// A product with its featured SKU.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ExportRow {
    /// The product.
    pub id: ProductId,
    /// The seller's own number; the product's id where it has none.
    pub external_id: String,
    /// Name for people.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Names of categories, from the top of the tree down.
    pub category_path: Vec<String>,
    /// In the seller's order.
    pub tags: Vec<String>,
    /// In the seller's order.
    pub specifications: NamedValues,
    /// The featured SKU.
    pub sku_id: SkuId,
    /// Its price in minor units.
    pub price_minor: i64,
    /// ISO 4217 code.
    pub price_currency: String,
    /// Weight of one packed unit.
    pub weight_grams: i32,
    /// How many SKUs the product has.
    pub sku_count: i64,
}

/// The next products of a seller in the order of their ids, disabled ones included.
///
/// # Errors
/// The database cannot be reached.
pub async fn export_list(
    db: &impl ConnectionTrait,
    seller_id: AccountId,
    after: Option<ProductId>,
    most: u64,
) -> Result<Vec<ExportRow>> {
    let (seller, after) = (seller_id.uuid(), after.map_or(Uuid::nil(), ProductId::uuid));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = ExportRow::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT p.id, coalesce(p.external_id, p.id::text) AS external_id, p.name, p.description,
                  (SELECT array_agg(above.name ORDER BY cardinality(above.path))
                   FROM catalog.category own JOIN catalog.category above ON above.id = ANY (own.path)
                   WHERE own.id = p.category_id) AS category_path,
                  p.tags, p.specifications, s.id AS sku_id, s.price_minor, s.price_currency, s.weight_grams,
                  (SELECT count(*) FROM catalog.sku one WHERE one.product_id = p.id) AS sku_count
           FROM catalog.product p JOIN catalog.sku s ON s.product_id = p.id AND s.featured
           WHERE p.seller_id = {seller} AND p.deleted_at IS NULL AND p.id > {after}
           ORDER BY p.id LIMIT {most}"#
    ));
    Ok(rows.all(db).await?)
}
