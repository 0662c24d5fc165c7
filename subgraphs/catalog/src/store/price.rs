//! Changing many prices at once.

use std::collections::{BTreeMap, HashMap};

use entities::catalog::{product, sku};
use kernel::{AccountId, Money, ProductId, SkuId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait, raw_sql,
};
use service_kit::{Error, Result};
use uuid::Uuid;

use crate::error::{ErrorCode, Problems, UserError};

/// Sets the prices of SKUs of a seller: all of them, or none when something is wrong with one.
///
/// # Errors
/// [`Error::Forbidden`] when a SKU is somebody else's; the inner errors name each change that is refused.
pub async fn prices_set(
    db: &DatabaseConnection,
    seller_id: AccountId,
    prices: &[(SkuId, Money)],
) -> Result<Result<(), Vec<UserError>>> {
    let txn = db.begin().await?;
    let asked: Vec<SkuId> = prices.iter().map(|(id, _)| *id).collect();
    // SKUs never move to another product, so this may be read before the lock.
    let skus = sku::Entity::find().filter(sku::Column::Id.eq_any(asked)).all(&txn).await?;
    let product_of: HashMap<SkuId, ProductId> = skus.iter().map(|sku| (sku.id, sku.product_id)).collect();
    let product_ids: Vec<ProductId> = product_of.values().copied().collect();
    // In the order of their ids, so that two changes never wait for each other in a circle.
    let products = product::Entity::find()
        .filter(product::Column::Id.eq_any(product_ids))
        .filter(product::Column::DeletedAt.is_null())
        .order_by_asc(product::Column::Id)
        .lock_exclusive()
        .all(&txn)
        .await?;
    if products.iter().any(|product| product.seller_id != seller_id) {
        return Err(Error::Forbidden);
    }
    let currencies: BTreeMap<ProductId, String> =
        products.into_iter().map(|product| (product.id, product.price_currency)).collect();
    let mut problems = Problems::default();
    for (place, (id, price)) in prices.iter().enumerate() {
        match product_of.get(id).and_then(|product_id| currencies.get(product_id)) {
            None => problems.add(format!("changes.{place}.skuId"), ErrorCode::SkuNotFound, "There is no such SKU."),
            Some(currency) if currency != price.currency.code() => problems.add(
                format!("changes.{place}.price.currency"),
                ErrorCode::CurrencyMixed,
                format!("The SKUs of this product are priced in {currency}."),
            ),
            Some(_) => {}
        }
    }
    if let Err(problems) = problems.none_or(()) {
        return Ok(Err(problems));
    }
    let (ids, minors): (Vec<Uuid>, Vec<i64>) = prices.iter().map(|(id, price)| (id.uuid(), price.amount_minor)).unzip();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.sku s SET price_minor = d.minor, updated_at = now()
           FROM unnest({ids}::uuid[], {minors}::bigint[]) AS d (id, minor) WHERE s.id = d.id"#
    ))
    .await?;
    let changed: Vec<Uuid> = currencies.keys().map(|id| id.uuid()).collect();
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE catalog.product p SET price_minor = s.price_minor, updated_at = now()
           FROM catalog.sku s WHERE s.product_id = p.id AND s.featured AND p.id = ANY({changed}::uuid[])"#
    ))
    .await?;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"WITH changed AS (
               SELECT product_id FROM catalog.product_index WHERE product_id = ANY({changed}::uuid[])
               ORDER BY product_id FOR UPDATE
           )
           UPDATE catalog.product_index i SET facts_version = facts_version + 1, changed_at = now()
           FROM changed WHERE i.product_id = changed.product_id"#
    ))
    .await?;
    txn.commit().await?;
    Ok(Ok(()))
}
