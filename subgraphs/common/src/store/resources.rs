//! Reading and writing resources.

use chrono::{DateTime, Utc};
use entities::common::resource::{self, ResourceState};
use kernel::{AccountId, ResourceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, TransactionTrait, raw_sql, sea_query::Expr,
};
use service_kit::Result;
use uuid::Uuid;

/// What became of bytes that were stored for a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// They are the ones that will be checked, instead of those under this key.
    Instead(Option<String>),
    /// Nobody waits for them any more.
    NoLongerPending,
}

/// Announces a resource.
///
/// # Errors
/// The database fails.
pub async fn resource_insert(db: &impl ConnectionTrait, row: resource::ActiveModel) -> Result<resource::Model> {
    Ok(row.insert(db).await?)
}

/// A resource, whoever asks.
///
/// # Errors
/// The database fails.
pub async fn resource_fetch(db: &impl ConnectionTrait, id: ResourceId) -> Result<Option<resource::Model>> {
    Ok(resource::Entity::find_by_id(id).one(db).await?)
}

/// Resources by id, whoever asks.
///
/// # Errors
/// The database fails.
pub async fn resource_fetch_many(db: &impl ConnectionTrait, ids: &[ResourceId]) -> Result<Vec<resource::Model>> {
    let ids = ids.iter().map(|id| id.uuid()).collect::<Vec<_>>();
    Ok(resource::Entity::find().filter(resource::Column::Id.eq_any(ids)).all(db).await?)
}

/// How many uploads an account has not finished.
///
/// # Errors
/// The database fails.
pub async fn resource_count_pending(db: &impl ConnectionTrait, owner_id: AccountId) -> Result<u64> {
    let pending = resource::Entity::find()
        .filter(resource::Column::OwnerId.eq(owner_id))
        .filter(resource::Column::State.eq(ResourceState::Pending));
    Ok(pending.count(db).await?)
}

/// Records where the bytes of a pending resource are.
///
/// # Errors
/// The database fails.
pub async fn resource_receive(db: &DatabaseConnection, id: ResourceId, key: &str) -> Result<Recorded> {
    let txn = db.begin().await?;
    let row = resource::Entity::find_by_id(id)
        .filter(resource::Column::State.eq(ResourceState::Pending))
        .lock_exclusive()
        .one(&txn)
        .await?;
    let Some(row) = row else { return Ok(Recorded::NoLongerPending) };
    resource::Entity::update_many()
        .col_expr(resource::Column::ObjectKey, Expr::value(key))
        .filter(resource::Column::Id.eq(id))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(Recorded::Instead(row.object_key))
}

/// Makes a pending resource complete, if the bytes under `key` are still the ones that count. `None` when they are not.
///
/// # Errors
/// The database fails.
pub async fn resource_complete(
    db: &impl ConnectionTrait,
    id: ResourceId,
    key: &str,
) -> Result<Option<resource::Model>> {
    let rows = resource::Entity::update_many()
        .col_expr(resource::Column::State, Expr::value(ResourceState::Complete))
        .col_expr(resource::Column::ExpiresAt, Expr::value(None::<DateTime<Utc>>))
        .filter(resource::Column::Id.eq(id))
        .filter(resource::Column::State.eq(ResourceState::Pending))
        .filter(resource::Column::ObjectKey.eq(key))
        .exec_with_returning(db)
        .await?;
    Ok(rows.into_iter().next())
}

/// Removes a pending resource; the key of its bytes, if there are any, is answered, for they have to go as well.
///
/// # Errors
/// The database fails.
pub async fn resource_discard(db: &impl ConnectionTrait, id: ResourceId) -> Result<Option<String>> {
    let rows = resource::Entity::delete_many()
        .filter(resource::Column::Id.eq(id))
        .filter(resource::Column::State.eq(ResourceState::Pending))
        .exec_with_returning(db)
        .await?;
    Ok(rows.into_iter().next().and_then(|row| row.object_key))
}

/// Uploads that were not finished in time, the oldest first.
///
/// # Errors
/// The database fails.
pub async fn resource_list_expired(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<resource::Model>> {
    Ok(resource::Entity::find()
        .filter(resource::Column::State.eq(ResourceState::Pending))
        .filter(resource::Column::ExpiresAt.lt(now))
        .order_by_asc(resource::Column::ExpiresAt)
        .limit(most)
        .all(db)
        .await?)
}

/// Takes back files that nothing shows and that were made before a time: they are pending again and have long expired, so
/// that nobody can attach them any more and the sweeper discards them. Answers how many.
///
/// # Errors
/// The database fails.
pub async fn resource_release_orphans(
    db: &DatabaseConnection,
    before: DateTime<Utc>,
    expired_at: DateTime<Utc>,
    most: i64,
) -> Result<u64> {
    let txn = db.begin().await?;
    // First the locks, then another look: what was attached while this waited is seen by the second statement.
    #[derive(FromQueryResult)]
    struct Orphan {
        id: Uuid,
    }
    let orphans = Orphan::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT r.id FROM common.resource r
           WHERE r.state = 'COMPLETE' AND r.storage = 'STORED' AND r.created_at < {before}
               AND NOT EXISTS (SELECT FROM common.attachment a WHERE a.resource_id = r.id)
           ORDER BY r.created_at LIMIT {most} FOR UPDATE SKIP LOCKED"#
    ))
    .all(&txn)
    .await?;
    let ids: Vec<Uuid> = orphans.into_iter().map(|orphan| orphan.id).collect();
    let released = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE common.resource r SET state = 'PENDING', expires_at = {expired_at}
               WHERE r.id = ANY({ids}) AND NOT EXISTS (SELECT FROM common.attachment a WHERE a.resource_id = r.id)"#
        ))
        .await?;
    txn.commit().await?;
    Ok(released.rows_affected())
}
