//! Writing imported rows.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::catalog::{category, product};
use kernel::{AccountId, CategoryId, ProductId, SkuId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    TransactionTrait, sea_query::Expr,
};
use service_kit::{Error, Result};

use crate::{
    drafts::{Package, ProductDraft, SkuDraft},
    import::{ImportBatch, ImportedProduct, RowOutcome},
    store::{
        category::{NewCategory, category_insert_in_txn},
        product::{NewProduct, products_insert_in_txn},
        tag::tags_insert_in_txn,
    },
};

/// Writes the products of a batch that are not there yet, under the ids drawn for its rows. A second time with the same
/// ids changes nothing and gives the same answer.
///
/// # Errors
/// The database cannot be reached.
pub async fn products_import(
    db: &DatabaseConnection,
    batch: &ImportBatch,
    ids: &[(ProductId, SkuId)],
    created_at: DateTime<Utc>,
) -> Result<Vec<RowOutcome>> {
    let txn = db.begin().await?;
    // Imports take turns, so that two of them make neither a category nor a product twice.
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('catalog.import'))").await?;
    let known = known_in_txn(&txn, batch).await?;
    let new = || batch.products.iter().filter(|product| !known.contains_key(&product.external_id));
    let tags: HashSet<String> = new().flat_map(|product| product.tags.iter().cloned()).collect();
    tags_insert_in_txn(&txn, &tags.into_iter().collect::<Vec<_>>()).await?;
    let paths: HashSet<&[String]> = new().map(|product| product.category_path.as_slice()).collect();
    let categories = categories_make_in_txn(&txn, paths).await?;
    let mut outcomes = Vec::with_capacity(batch.products.len());
    let mut made = Vec::new();
    for (product, (product_id, sku_id)) in batch.products.iter().zip(ids) {
        outcomes.push(match known.get(&product.external_id) {
            Some(there) if there == product_id => RowOutcome::Imported,
            Some(_) => RowOutcome::AlreadyThere,
            None => {
                let category_id = categories.get(product.category_path.as_slice()).copied();
                let category_id = category_id.ok_or_else(|| Error::broken("the categories of a batch were made"))?;
                made.push(new_product(batch.seller_id, product, category_id, *product_id, *sku_id, created_at));
                RowOutcome::Imported
            }
        });
    }
    products_insert_in_txn(&txn, &made).await?;
    txn.commit().await?;
    Ok(outcomes)
}

/// The seller's external ids among these, with the products that have them, deleted ones included.
///
/// # Errors
/// The database cannot be reached.
pub async fn external_ids_known(
    db: &impl ConnectionTrait,
    seller_id: AccountId,
    external_ids: Vec<String>,
) -> Result<HashMap<String, ProductId>> {
    let rows: Vec<(String, ProductId)> = product::Entity::find()
        .select_only()
        .columns([product::Column::ExternalId, product::Column::Id])
        .filter(product::Column::SellerId.eq(seller_id))
        .filter(product::Column::ExternalId.eq_any(external_ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn known_in_txn(txn: &DatabaseTransaction, batch: &ImportBatch) -> Result<HashMap<String, ProductId>> {
    let wanted = batch.products.iter().map(|product| product.external_id.clone()).collect();
    external_ids_known(txn, batch.seller_id, wanted).await
}

/// The categories at the ends of paths; those that nobody made before are made.
async fn categories_make_in_txn<'a>(
    txn: &DatabaseTransaction,
    paths: HashSet<&'a [String]>,
) -> Result<HashMap<&'a [String], CategoryId>> {
    let mut made: HashMap<&[String], CategoryId> = HashMap::new();
    for path in paths {
        let mut parent_id = None;
        for depth in 1..=path.len() {
            let here = &path[..depth];
            let id = match made.get(here) {
                Some(id) => *id,
                None => category_make_in_txn(txn, parent_id, &here[depth - 1]).await?,
            };
            made.insert(here, id);
            parent_id = Some(id);
        }
    }
    Ok(made)
}

async fn category_make_in_txn(
    txn: &DatabaseTransaction,
    parent_id: Option<CategoryId>,
    name: &str,
) -> Result<CategoryId> {
    let siblings = match parent_id {
        Some(parent_id) => category::Entity::find().filter(category::Column::ParentId.eq(parent_id)),
        None => category::Entity::find().filter(category::Column::ParentId.is_null()),
    };
    let same = Expr::cust_with_values("catalog.folded(name) = catalog.folded($1)", [name]);
    if let Some(found) = siblings.filter(same).one(txn).await? {
        return Ok(found.id);
    }
    let new = NewCategory { parent_id, name: name.to_owned(), slug: None, description: String::new(), position: 0 };
    match category_insert_in_txn(txn, new).await? {
        Ok(row) => Ok(row.id),
        Err(_) => Err(Error::broken("a category below one of this transaction, without a slug of its own choice")),
    }
}

fn new_product(
    seller_id: AccountId,
    product: &ImportedProduct,
    category_id: CategoryId,
    product_id: ProductId,
    sku_id: SkuId,
    created_at: DateTime<Utc>,
) -> NewProduct {
    let sku = SkuDraft {
        price: product.price,
        attributes: entities::catalog::product::NamedValues::default(),
        package: Package { weight_grams: product.weight_grams, length_mm: None, width_mm: None, height_mm: None },
        requires_serials: false,
        featured: true,
    };
    NewProduct {
        id: product_id,
        seller_id,
        operation_id: None,
        external_id: Some(product.external_id.clone()),
        created_at,
        draft: ProductDraft {
            name: product.name.clone(),
            description: product.description.clone(),
            category_id,
            tags: product.tags.clone(),
            specifications: product.specifications.clone(),
        },
        skus: vec![(sku_id, sku)],
    }
}
