//! The category tree.

use chrono::{SubsecRound, Utc};
use entities::catalog::category;
use kernel::CategoryId;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, TryInsertResult, raw_sql,
    sea_query::{Expr, extension::postgres::PgExpr},
};
use service_kit::{Error, Result};

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
    // The paths of the tree stand still while one is written that continues them.
    txn.execute_unprepared("SELECT pg_advisory_xact_lock_shared(hashtext('catalog.category'))").await?;
    let id = CategoryId::new();
    let mut path = match new.parent_id {
        None => Vec::new(),
        Some(parent_id) => match category::Entity::find_by_id(parent_id).one(txn).await? {
            Some(parent) => parent.path,
            None => {
                return Ok(Err(no_category("parentId")));
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

/// What a category is to be like; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct CategoryChange {
    /// Name for people.
    pub name: Option<String>,
    /// A sentence for people; may be empty.
    pub description: Option<String>,
    /// Order among siblings, lower first.
    pub position: Option<i32>,
}

/// Changes a category. Its slug stays.
///
/// # Errors
/// The inner error when there is no such category.
pub async fn category_update(
    db: &DatabaseConnection,
    id: CategoryId,
    change: CategoryChange,
) -> Result<Result<category::Model, UserError>> {
    let txn = db.begin().await?;
    let renamed = change.name.is_some();
    let row = category::ActiveModel {
        name: change.name.map_or(NotSet, Set),
        description: change.description.map_or(NotSet, Set),
        position: change.position.map_or(NotSet, Set),
        ..Default::default()
    };
    if row.is_changed() {
        category::Entity::update_many().set(row).filter(category::Column::Id.eq(id)).exec(&txn).await?;
    }
    let Some(row) = category::Entity::find_by_id(id).one(&txn).await? else {
        return Ok(Err(no_category("categoryId")));
    };
    if renamed {
        branch_changed_in_txn(&txn, id).await?;
    }
    txn.commit().await?;
    Ok(Ok(row))
}

/// Moves a category with all that is below it under another one, or to the top.
///
/// # Errors
/// The inner error when one of them does not exist, or when the new parent lies in the branch that is moved.
pub async fn category_move(
    db: &DatabaseConnection,
    id: CategoryId,
    parent_id: Option<CategoryId>,
) -> Result<Result<category::Model, UserError>> {
    let txn = db.begin().await?;
    // One move at a time, and no new category meanwhile: each reads paths that the other writes.
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(hashtext('catalog.category'))").await?;
    let Some(moved) = category::Entity::find_by_id(id).one(&txn).await? else {
        return Ok(Err(no_category("categoryId")));
    };
    let above = match parent_id {
        None => Vec::new(),
        Some(parent_id) => match category::Entity::find_by_id(parent_id).one(&txn).await? {
            None => return Ok(Err(no_category("parentId"))),
            Some(parent) if parent.path.iter().any(|above| *above == id.uuid()) => {
                let message = "A category cannot be moved under itself or under one of its own children.";
                return Ok(Err(UserError::at("parentId", ErrorCode::CategoryCycle, message)));
            }
            Some(parent) => parent.path,
        },
    };
    if moved.parent_id != parent_id {
        // What stands above the branch has the same length in each of its paths.
        let first = i64::try_from(moved.path.len()).map_err(|error| Error::internal("measuring a path", error))?;
        let (own, branch, parent) = (id.uuid(), vec![id.uuid()], parent_id.map(|id| id.uuid()));
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE catalog.category
               SET path = {above}::uuid[] || (SELECT array_agg(node ORDER BY place)
                                              FROM unnest(path) WITH ORDINALITY AS nodes (node, place)
                                              WHERE place >= {first}),
                   parent_id = CASE WHEN id = {own} THEN {parent}::uuid ELSE parent_id END
               WHERE path @> {branch}::uuid[]"#
        ))
        .await?;
        branch_changed_in_txn(&txn, id).await?;
    }
    let row = category::Entity::find_by_id(id).one(&txn).await?;
    txn.commit().await?;
    Ok(row.ok_or_else(|| no_category("categoryId")))
}

/// Notes that what is embedded of every product in a branch has changed: it holds the names of categories.
async fn branch_changed_in_txn(txn: &DatabaseTransaction, id: CategoryId) -> Result<()> {
    let own = vec![id.uuid()];
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"WITH branch AS (
               SELECT i.product_id FROM catalog.product_index i
               JOIN catalog.product p ON p.id = i.product_id
               JOIN catalog.category c ON c.id = p.category_id
               WHERE c.path @> {own}::uuid[]
               ORDER BY i.product_id FOR UPDATE OF i
           )
           UPDATE catalog.product_index i
           SET facts_version = facts_version + 1, text_version = text_version + 1, changed_at = now()
           FROM branch WHERE i.product_id = branch.product_id"#
    ))
    .await?;
    Ok(())
}

fn no_category(field: &str) -> UserError {
    UserError::at(field, ErrorCode::CategoryNotFound, "There is no such category.")
}

/// Everything below categories, those nearer to the top first.
///
/// # Errors
/// The database cannot be reached.
pub async fn category_list_below(db: &impl ConnectionTrait, ids: &[CategoryId]) -> Result<Vec<category::Model>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = category::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"SELECT * FROM catalog.category WHERE path && {ids}::uuid[]
           ORDER BY cardinality(path), position, name, id"#
    ));
    Ok(rows.all(db).await?)
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
