//! The category tree.

use chrono::{SubsecRound, Utc};
use entities::catalog::category;
use kernel::CategoryId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, TransactionTrait, TryInsertResult,
    sea_query::{Expr, extension::postgres::PgExpr},
};
use service_kit::Result;

use crate::{
    error::{ErrorCode, UserError},
    store::slug,
};

/// A category to make.
#[derive(Debug, Clone)]
pub struct NewCategory {
    /// The category above; `None` at the top.
    pub parent_id: Option<CategoryId>,
    /// Name for people.
    pub name: String,
    /// The slug wanted; `None` makes one of the name.
    pub slug: Option<String>,
    /// A sentence for people; may be empty.
    pub description: String,
    /// Order among siblings, lower first.
    pub position: i32,
}

/// Makes a category.
///
/// # Errors
/// The inner error when the parent does not exist or the slug is taken.
pub async fn category_insert(db: &DatabaseConnection, new: NewCategory) -> Result<Result<category::Model, UserError>> {
    let txn = db.begin().await?;
    let inserted = category_insert_in_txn(&txn, new).await?;
    if inserted.is_ok() {
        txn.commit().await?;
    }
    Ok(inserted)
}

/// Makes a category.
pub(crate) async fn category_insert_in_txn(
    txn: &DatabaseTransaction,
    new: NewCategory,
) -> Result<Result<category::Model, UserError>> {
    let id = CategoryId::new();
    let mut path = match new.parent_id {
        None => Vec::new(),
        Some(parent_id) => match category::Entity::find_by_id(parent_id).one(txn).await? {
            Some(parent) => parent.path,
            None => {
                return Ok(Err(UserError::at("parentId", ErrorCode::CategoryNotFound, "There is no such category.")));
            }
        },
    };
    path.push(id.uuid());
    let mut row = category::Model {
        id,
        parent_id: new.parent_id,
        slug: String::new(),
        name: new.name,
        description: new.description,
        position: new.position,
        path,
        // As precise as the database keeps it.
        created_at: Utc::now().trunc_subsecs(6),
    };
    let wanted = slug::slug_of(&row.name, "category");
    loop {
        row.slug = match &new.slug {
            Some(slug) => slug.clone(),
            None => slug::category_slug_free_in_txn(txn, &wanted).await?,
        };
        let insert = category::Entity::insert(row.clone().into_active_model().reset_all());
        let insert = insert.on_conflict_do_nothing_on([category::Column::Slug]);
        match insert.exec(txn).await? {
            TryInsertResult::Inserted(_) => break,
            _ if new.slug.is_some() => {
                return Ok(Err(UserError::at("slug", ErrorCode::SlugTaken, "Another category has this slug.")));
            }
            _ => {}
        }
    }
    Ok(Ok(row))
}

/// Categories by their ids.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_list_by_ids(db: &impl ConnectionTrait, ids: &[CategoryId]) -> Result<Vec<category::Model>> {
    Ok(category::Entity::find().filter(category::Column::Id.eq_any(ids.to_vec())).all(db).await?)
}

/// The category with a slug.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_fetch_by_slug(db: &impl ConnectionTrait, slug: &str) -> Result<Option<category::Model>> {
    Ok(category::Entity::find().filter(category::Column::Slug.eq(slug)).one(db).await?)
}

/// The categories without a parent, in order.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_list_roots(db: &impl ConnectionTrait) -> Result<Vec<category::Model>> {
    Ok(ordered().filter(category::Column::ParentId.is_null()).all(db).await?)
}

/// The direct children of categories, in order.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_list_children(db: &impl ConnectionTrait, ids: &[CategoryId]) -> Result<Vec<category::Model>> {
    Ok(ordered().filter(category::Column::ParentId.eq_any(ids.to_vec())).all(db).await?)
}

fn ordered() -> sea_orm::Select<category::Entity> {
    category::Entity::find()
        .order_by_asc(category::Column::Position)
        .order_by_asc(category::Column::Name)
        .order_by_asc(category::Column::Id)
}

/// A category and all below it; none when it does not exist.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_ids_within(db: &impl ConnectionTrait, id: CategoryId) -> Result<Vec<CategoryId>> {
    let within = Expr::col(category::Column::Path).contains(vec![id.uuid()]);
    let ids = category::Entity::find().select_only().column(category::Column::Id).filter(within);
    Ok(ids.into_tuple().all(db).await?)
}
