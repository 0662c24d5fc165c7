//! SKUs: adding, changing and reading them.

use chrono::{DateTime, Utc};
use entities::catalog::{product, sku};
use kernel::{AccountId, ProductId, SkuId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, raw_sql,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result, database::violated_constraint};

use crate::{
    drafts::{SKUS_MAX, SkuChange, SkuDraft, label},
    error::{ErrorCode, UserError},
    store::{
        index::{self, Change},
        product::product_lock_in_txn,
    },
};

/// Why a SKU was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkuRefusal {
    /// The product does not exist.
    NoProduct,
    /// The product has as many SKUs as it may have.
    TooMany,
    /// The other SKUs of the product are priced in another currency.
    OtherCurrency,
    /// Another SKU of the product has the same attribute values.
    SameVariant,
}

/// Adds a SKU to a product of a seller. A second time with the same id changes nothing.
///
/// # Errors
/// [`Error::Forbidden`] when the product is somebody else's.
pub async fn sku_insert(
    db: &DatabaseConnection,
    seller_id: AccountId,
    product_id: ProductId,
    sku_id: SkuId,
    draft: &SkuDraft,
    created_at: DateTime<Utc>,
) -> Result<Result<(), SkuRefusal>> {
    let txn = db.begin().await?;
    let Ok(product) = product_lock_in_txn(&txn, seller_id, product_id).await? else {
        return Ok(Err(SkuRefusal::NoProduct));
    };
    let siblings = sku_list_by_product_in_txn(&txn, product_id).await?;
    if siblings.iter().any(|sibling| sibling.id == sku_id) {
        return Ok(Ok(()));
    }
    if siblings.len() >= SKUS_MAX {
        return Ok(Err(SkuRefusal::TooMany));
    }
    if product.price_currency != draft.price.currency.code() {
        return Ok(Err(SkuRefusal::OtherCurrency));
    }
    let variant = label(&draft.attributes);
    if siblings.iter().any(|sibling| sibling.label == variant) {
        return Ok(Err(SkuRefusal::SameVariant));
    }
    let position = siblings.last().map_or(0, |last| last.position + 1);
    let plain = SkuDraft { featured: false, ..draft.clone() };
    sku_row_insert_in_txn(&txn, product_id, sku_id, &plain, position, created_at).await?;
    if draft.featured {
        sku_feature_in_txn(&txn, product_id, sku_id).await?;
    }
    index::product_changed_in_txn(&txn, product_id, Change::Text).await?;
    txn.commit().await?;
    Ok(Ok(()))
}

pub(crate) async fn sku_row_insert_in_txn(
    txn: &DatabaseTransaction,
    product_id: ProductId,
    id: SkuId,
    draft: &SkuDraft,
    position: i32,
    created_at: DateTime<Utc>,
) -> Result<()> {
    let row = sku_row(product_id, id, draft, position, created_at);
    sku::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

/// The row of a new SKU.
pub(crate) fn sku_row(
    product_id: ProductId,
    id: SkuId,
    draft: &SkuDraft,
    position: i32,
    created_at: DateTime<Utc>,
) -> sku::ActiveModel {
    sku::ActiveModel {
        id: Set(id),
        product_id: Set(product_id),
        position: Set(position),
        label: Set(label(&draft.attributes)),
        attributes: Set(draft.attributes.clone()),
        price_minor: Set(draft.price.amount_minor),
        price_currency: Set(draft.price.currency.code().to_owned()),
        weight_grams: Set(draft.package.weight_grams),
        length_mm: Set(draft.package.length_mm),
        width_mm: Set(draft.package.width_mm),
        height_mm: Set(draft.package.height_mm),
        requires_serials: Set(draft.requires_serials),
        featured: Set(draft.featured),
        enabled: Set(true),
        created_at: Set(created_at),
        updated_at: Set(created_at),
    }
}

/// Changes a SKU of a seller.
///
/// # Errors
/// [`Error::Forbidden`] when its product is somebody else's; the inner error when the change is refused.
pub async fn sku_update(
    db: &DatabaseConnection,
    seller_id: AccountId,
    sku_id: SkuId,
    change: SkuChange,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    let not_found = || UserError::at("skuId", ErrorCode::SkuNotFound, "There is no such SKU.");
    // SKUs never move to another product, so this may be read before the lock.
    let Some(found) = sku::Entity::find_by_id(sku_id).one(&txn).await? else { return Ok(Err(not_found())) };
    let Ok(product) = product_lock_in_txn(&txn, seller_id, found.product_id).await? else {
        return Ok(Err(not_found()));
    };
    if change.price.is_some_and(|price| price.currency.code() != product.price_currency) {
        let message = format!("The SKUs of this product are priced in {}.", product.price_currency);
        return Ok(Err(UserError::at("price.currency", ErrorCode::CurrencyMixed, message)));
    }
    let text = change.attributes.is_some();
    match sku::Entity::update_many().set(changed(&change)).filter(sku::Column::Id.eq(sku_id)).exec(&txn).await {
        Err(error) if violated_constraint(&error) == Some("sku_variant_unique") => {
            let message = "Another SKU of the product has the same attribute values.";
            return Ok(Err(UserError::at("attributes", ErrorCode::Duplicate, message)));
        }
        updated => updated?,
    };
    let featured = if change.feature { Some(sku_id) } else { successor_in_txn(&txn, found.product_id).await? };
    if let Some(featured) = featured {
        sku_feature_in_txn(&txn, found.product_id, featured).await?;
    }
    price_copy_in_txn(&txn, found.product_id).await?;
    index::product_changed_in_txn(&txn, found.product_id, if text { Change::Text } else { Change::Facts }).await?;
    txn.commit().await?;
    Ok(Ok(()))
}

fn changed(change: &SkuChange) -> sku::ActiveModel {
    let package = change.package;
    sku::ActiveModel {
        price_minor: change.price.map_or(NotSet, |price| Set(price.amount_minor)),
        label: change.attributes.as_ref().map_or(NotSet, |attributes| Set(label(attributes))),
        attributes: change.attributes.clone().map_or(NotSet, Set),
        weight_grams: package.map_or(NotSet, |package| Set(package.weight_grams)),
        length_mm: package.map_or(NotSet, |package| Set(package.length_mm)),
        width_mm: package.map_or(NotSet, |package| Set(package.width_mm)),
        height_mm: package.map_or(NotSet, |package| Set(package.height_mm)),
        enabled: change.enabled.map_or(NotSet, Set),
        updated_at: Set(Utc::now()),
        ..Default::default()
    }
}

/// The SKU that has to be featured because the featured one is withdrawn: the next on offer. `None` when the featured
/// one is on offer, or when none is.
async fn successor_in_txn(txn: &DatabaseTransaction, product_id: ProductId) -> Result<Option<SkuId>> {
    let skus = sku_list_by_product_in_txn(txn, product_id).await?;
    if skus.iter().any(|sku| sku.featured && sku.enabled) {
        return Ok(None);
    }
    Ok(skus.iter().find(|sku| sku.enabled).map(|sku| sku.id))
}

/// Makes a SKU the featured one, and copies its price to the product.
async fn sku_feature_in_txn(txn: &DatabaseTransaction, product_id: ProductId, sku_id: SkuId) -> Result<()> {
    let of_product = || sku::Entity::update_many().filter(sku::Column::ProductId.eq(product_id));
    // First away, then there: at no time has a product two featured SKUs.
    of_product().col_expr(sku::Column::Featured, Expr::value(false)).exec(txn).await?;
    let there = of_product().filter(sku::Column::Id.eq(sku_id));
    there.col_expr(sku::Column::Featured, Expr::value(true)).exec(txn).await?;
    price_copy_in_txn(txn, product_id).await
}

async fn price_copy_in_txn(txn: &DatabaseTransaction, product_id: ProductId) -> Result<()> {
    let copied = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE catalog.product p
               SET price_minor = s.price_minor, price_currency = s.price_currency, updated_at = now()
               FROM catalog.sku s
               WHERE s.product_id = p.id AND s.featured AND p.id = {product_id}"#
        ))
        .await?;
    if copied.rows_affected() == 1 { Ok(()) } else { Err(Error::broken("a product without a featured SKU")) }
}

async fn sku_list_by_product_in_txn(txn: &DatabaseTransaction, product_id: ProductId) -> Result<Vec<sku::Model>> {
    let skus = sku::Entity::find().filter(sku::Column::ProductId.eq(product_id));
    Ok(skus.order_by_asc(sku::Column::Position).all(txn).await?)
}

/// SKUs of products that are not deleted, disabled ones included.
///
/// # Errors
/// The database cannot be reached.
pub async fn sku_list_by_ids(db: &impl ConnectionTrait, ids: &[SkuId]) -> Result<Vec<sku::Model>> {
    let on_product =
        sku::Entity::belongs_to(product::Entity).from(sku::Column::ProductId).to(product::Column::Id).into();
    Ok(sku::Entity::find()
        .join(JoinType::InnerJoin, on_product)
        .filter(sku::Column::Id.eq_any(ids.to_vec()))
        .filter(product::Column::DeletedAt.is_null())
        .all(db)
        .await?)
}

/// The SKUs of products, in the seller's order.
///
/// # Errors
/// The database cannot be reached.
pub async fn sku_list_by_products(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<sku::Model>> {
    let skus = sku::Entity::find().filter(sku::Column::ProductId.eq_any(ids.to_vec()));
    Ok(skus.order_by_asc(sku::Column::ProductId).order_by_asc(sku::Column::Position).all(db).await?)
}

/// The featured SKUs of products.
///
/// # Errors
/// The database cannot be reached.
pub async fn sku_list_featured(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<sku::Model>> {
    let featured = sku::Entity::find().filter(sku::Column::Featured.eq(true));
    Ok(featured.filter(sku::Column::ProductId.eq_any(ids.to_vec())).all(db).await?)
}
