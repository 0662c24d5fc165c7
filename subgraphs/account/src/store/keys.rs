//! Signing keys.

use chrono::{DateTime, Utc};
use entities::account::signing_key;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder,
};
use service_kit::Result;

/// The key that signs now.
pub(crate) async fn signing_key_current(db: &impl ConnectionTrait) -> Result<Option<signing_key::Model>> {
    let current = signing_key::Entity::find()
        .filter(signing_key::Column::RetiredAt.is_null())
        .order_by_desc(signing_key::Column::CreatedAt);
    Ok(current.one(db).await?)
}

/// The keys that were not retired before `since`.
pub(crate) async fn signing_keys_published(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<Vec<signing_key::Model>> {
    let good =
        Condition::any().add(signing_key::Column::RetiredAt.is_null()).add(signing_key::Column::RetiredAt.gt(since));
    Ok(signing_key::Entity::find().filter(good).order_by_desc(signing_key::Column::CreatedAt).all(db).await?)
}

/// Keeps other makers of keys waiting until the transaction ends. The number is arbitrary and has to stay the same.
pub(crate) async fn signing_key_lock_in_txn(txn: &DatabaseTransaction) -> Result<()> {
    txn.execute_unprepared("SELECT pg_advisory_xact_lock(7236019442)").await?;
    Ok(())
}

/// Writes a new key.
pub(crate) async fn signing_key_insert(db: &impl ConnectionTrait, key: signing_key::Model) -> Result<()> {
    signing_key::Entity::insert(key.into_active_model().reset_all()).exec_without_returning(db).await?;
    Ok(())
}

/// Lets no key sign any more.
pub(crate) async fn signing_keys_retire_in_txn(txn: &DatabaseTransaction, now: DateTime<Utc>) -> Result<()> {
    signing_key::Entity::update_many()
        .set(signing_key::ActiveModel { retired_at: Set(Some(now)), ..Default::default() })
        .filter(signing_key::Column::RetiredAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}
