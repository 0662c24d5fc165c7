//! Products: making, changing and reading them.

use chrono::{DateTime, Utc};
use entities::catalog::{product, product_index, product_rating};
use kernel::{AccountId, OperationId, ProductId, SkuId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    TransactionTrait, TryInsertResult,
};
use service_kit::{Error, Result, database::violated_constraint};

use crate::{
    drafts::{ProductChange, ProductDraft, SkuDraft},
    error::{ErrorCode, UserError},
    store::{
        index::{self, Change},
        sku, slug, tag,
    },
};

/// A product to write, with ids that are drawn already.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// Its id.
    pub id: ProductId,
    /// Who sells it.
    pub seller_id: AccountId,
    /// The command that makes it; `None` for an import.
    pub operation_id: Option<OperationId>,
    /// The seller's own number, for an import.
    pub external_id: Option<String>,
    /// When it is made.
    pub created_at: DateTime<Utc>,
    /// What it is.
    pub draft: ProductDraft,
    /// Its SKUs, in order; one of them is featured.
    pub skus: Vec<(SkuId, SkuDraft)>,
}

/// Writes a product with its SKUs and tags. A second time with the same id changes nothing.
///
/// # Errors
/// The category does not exist, no SKU is featured, or the database refuses.
pub async fn product_insert(db: &DatabaseConnection, new: &NewProduct) -> Result<()> {
    let txn = db.begin().await?;
    if product::Entity::find_by_id(new.id).one(&txn).await?.is_none() {
        product_insert_in_txn(&txn, new).await?;
        txn.commit().await?;
    }
    Ok(())
}

/// Writes a product with its SKUs and tags.
///
/// # Errors
/// The category does not exist, no SKU is featured, or the database refuses.
pub async fn product_insert_in_txn(txn: &DatabaseTransaction, new: &NewProduct) -> Result<()> {
    tag::tags_insert_in_txn(txn, &new.draft.tags).await?;
    product_row_insert_in_txn(txn, product_row(new)?, &slug::slug_of(&new.draft.name, "product")).await?;
    for (position, (id, draft)) in (0..).zip(&new.skus) {
        sku::sku_row_insert_in_txn(txn, new.id, *id, draft, position, new.created_at).await?;
    }
    let rating = product_rating::ActiveModel { product_id: Set(new.id), ..Default::default() };
    product_rating::Entity::insert(rating).exec_without_returning(txn).await?;
    let index = product_index::ActiveModel { product_id: Set(new.id), ..Default::default() };
    product_index::Entity::insert(index).exec_without_returning(txn).await?;
    Ok(())
}

/// Writes many products with their SKUs, in five statements; their tags are there already. Should somebody take a slug at
/// the same moment, this fails, and done again it succeeds.
///
/// # Errors
/// A category does not exist, a product has no featured SKU, or the database refuses.
pub(crate) async fn products_insert_in_txn(txn: &DatabaseTransaction, new: &[NewProduct]) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let wanted: Vec<String> = new.iter().map(|new| slug::slug_of(&new.draft.name, "product")).collect();
    let slugs = slug::product_slugs_free_in_txn(txn, wanted).await?;
    let mut rows = Vec::with_capacity(new.len());
    for (new, slug) in new.iter().zip(slugs) {
        rows.push(product::ActiveModel { slug: Set(slug), ..product_row(new)? });
    }
    product::Entity::insert_many(rows).exec_without_returning(txn).await?;
    let skus = new.iter().flat_map(|new| {
        let row = |(position, (id, draft)): (i32, &(SkuId, SkuDraft))| {
            sku::sku_row(new.id, *id, draft, position, new.created_at)
        };
        (0..).zip(&new.skus).map(row)
    });
    entities::catalog::sku::Entity::insert_many(skus).exec_without_returning(txn).await?;
    let ratings = new.iter().map(|new| product_rating::ActiveModel { product_id: Set(new.id), ..Default::default() });
    product_rating::Entity::insert_many(ratings).exec_without_returning(txn).await?;
    let indexes = new.iter().map(|new| product_index::ActiveModel { product_id: Set(new.id), ..Default::default() });
    product_index::Entity::insert_many(indexes).exec_without_returning(txn).await?;
    Ok(())
}

/// The row of a new product, but for its slug.
fn product_row(new: &NewProduct) -> Result<product::ActiveModel> {
    let featured = new.skus.iter().find(|(_, sku)| sku.featured);
    let (_, featured) = featured.ok_or_else(|| Error::broken("a product without a featured SKU"))?;
    Ok(product::ActiveModel {
        id: Set(new.id),
        seller_id: Set(new.seller_id),
        category_id: Set(new.draft.category_id),
        external_id: Set(new.external_id.clone()),
        operation_id: Set(new.operation_id),
        slug: NotSet,
        name: Set(new.draft.name.clone()),
        description: Set(new.draft.description.clone()),
        tags: Set(new.draft.tags.clone()),
        specifications: Set(new.draft.specifications.clone()),
        price_minor: Set(featured.price.amount_minor),
        price_currency: Set(featured.price.currency.code().to_owned()),
        enabled: Set(true),
        created_at: Set(new.created_at),
        updated_at: Set(new.created_at),
        deleted_at: Set(None),
    })
}

/// Inserts the row under the first slug that is free, also when others take slugs at the same time.
async fn product_row_insert_in_txn(
    txn: &DatabaseTransaction,
    mut row: product::ActiveModel,
    wanted: &str,
) -> Result<()> {
    loop {
        row.slug = Set(slug::product_slug_free_in_txn(txn, wanted).await?);
        let insert = product::Entity::insert(row.clone()).on_conflict_do_nothing_on([product::Column::Slug]);
        if let TryInsertResult::Inserted(_) = insert.exec(txn).await? {
            return Ok(());
        }
    }
}

/// The product that a command made, if it has run before.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_id_by_operation(
    db: &impl ConnectionTrait,
    operation_id: OperationId,
) -> Result<Option<ProductId>> {
    let query = product::Entity::find().filter(product::Column::OperationId.eq(operation_id));
    Ok(query.select_only().column(product::Column::Id).into_tuple().one(db).await?)
}

/// Products that are not deleted, disabled ones included.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_list_by_ids(db: &impl ConnectionTrait, ids: &[ProductId]) -> Result<Vec<product::Model>> {
    let live = product::Entity::find().filter(product::Column::DeletedAt.is_null());
    Ok(live.filter(product::Column::Id.eq_any(ids.to_vec())).all(db).await?)
}

/// The product with a slug, if it is not deleted.
///
/// # Errors
/// The database cannot be reached.
pub async fn product_fetch_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<product::Model>> {
    let live = product::Entity::find().filter(product::Column::DeletedAt.is_null());
    Ok(live.filter(product::Column::Slug.eq(slug)).one(db).await?)
}

/// A product of a seller, locked for a change. The lock of the product comes before that of anything that belongs to
/// it: two changes of one product never deadlock.
///
/// # Errors
/// [`Error::Forbidden`] when it is somebody else's; the inner error when there is none.
pub async fn product_lock_in_txn(
    txn: &DatabaseTransaction,
    seller_id: AccountId,
    product_id: ProductId,
) -> Result<Result<product::Model, UserError>> {
    let live = product::Entity::find_by_id(product_id).filter(product::Column::DeletedAt.is_null());
    let own = live.clone().filter(product::Column::SellerId.eq(seller_id)).lock_exclusive().one(txn).await?;
    match own {
        Some(product) => Ok(Ok(product)),
        None if live.one(txn).await?.is_some() => Err(Error::Forbidden),
        None => Ok(Err(product_not_found())),
    }
}

/// What a mutation answers when its product does not exist.
pub(crate) fn product_not_found() -> UserError {
    UserError::at("productId", ErrorCode::ProductNotFound, "There is no such product.")
}

/// What a mutation answers when its category does not exist.
pub(crate) fn category_not_found() -> UserError {
    UserError::at("categoryId", ErrorCode::CategoryNotFound, "There is no such category.")
}

/// Changes a product of a seller.
///
/// # Errors
/// [`Error::Forbidden`] when it is somebody else's; the inner error when it or the category does not exist.
pub async fn product_update(
    db: &DatabaseConnection,
    seller_id: AccountId,
    product_id: ProductId,
    change: ProductChange,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    if let Err(refusal) = product_lock_in_txn(&txn, seller_id, product_id).await? {
        return Ok(Err(refusal));
    }
    tag::tags_insert_in_txn(&txn, change.tags.as_deref().unwrap_or_default()).await?;
    let text = ProductChange { tags: None, ..change.clone() } != ProductChange::default();
    let set = product::ActiveModel {
        name: change.name.map_or(NotSet, Set),
        description: change.description.map_or(NotSet, Set),
        category_id: change.category_id.map_or(NotSet, Set),
        tags: change.tags.map_or(NotSet, Set),
        specifications: change.specifications.map_or(NotSet, Set),
        updated_at: Set(Utc::now()),
        ..Default::default()
    };
    match product::Entity::update_many().set(set).filter(product::Column::Id.eq(product_id)).exec(&txn).await {
        Err(error) if violated_constraint(&error) == Some("product_category_exists") => {
            return Ok(Err(category_not_found()));
        }
        updated => updated?,
    };
    index::product_changed_in_txn(&txn, product_id, if text { Change::Text } else { Change::Facts }).await?;
    txn.commit().await?;
    Ok(Ok(()))
}

/// Puts a product of a seller on sale, or takes it off.
///
/// # Errors
/// [`Error::Forbidden`] when it is somebody else's; the inner error when it does not exist.
pub async fn product_set_enabled(
    db: &DatabaseConnection,
    seller_id: AccountId,
    product_id: ProductId,
    enabled: bool,
) -> Result<Result<(), UserError>> {
    let set = product::ActiveModel { enabled: Set(enabled), updated_at: Set(Utc::now()), ..Default::default() };
    product_set(db, seller_id, product_id, set).await
}

/// Deletes a product of a seller: it vanishes from the graph, and its row stays for what refers to it.
///
/// # Errors
/// [`Error::Forbidden`] when it is somebody else's; the inner error when it does not exist.
pub async fn product_delete(
    db: &DatabaseConnection,
    seller_id: AccountId,
    product_id: ProductId,
) -> Result<Result<(), UserError>> {
    let set = product::ActiveModel { deleted_at: Set(Some(Utc::now())), ..Default::default() };
    product_set(db, seller_id, product_id, set).await
}

async fn product_set(
    db: &DatabaseConnection,
    seller_id: AccountId,
    product_id: ProductId,
    set: product::ActiveModel,
) -> Result<Result<(), UserError>> {
    let txn = db.begin().await?;
    if let Err(refusal) = product_lock_in_txn(&txn, seller_id, product_id).await? {
        return Ok(Err(refusal));
    }
    product::Entity::update_many().set(set).filter(product::Column::Id.eq(product_id)).exec(&txn).await?;
    index::product_changed_in_txn(&txn, product_id, Change::Facts).await?;
    txn.commit().await?;
    Ok(Ok(()))
}
