//! Contacts. Who changes which is the default holds the lock of the account.

use chrono::Utc;
use contracts::common::Position;
use entities::account::contact;
use kernel::{AccountId, ContactId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
};
use service_kit::Result;

/// The contacts of these accounts, oldest first.
pub(crate) async fn contact_list_of(
    db: &impl ConnectionTrait,
    account_ids: Vec<AccountId>,
) -> Result<Vec<contact::Model>> {
    let contacts = contact::Entity::find()
        .filter(contact::Column::AccountId.eq_any(account_ids))
        .order_by_asc(contact::Column::CreatedAt)
        .order_by_asc(contact::Column::Id);
    Ok(contacts.all(db).await?)
}

/// Those of the contacts that belong to the account.
pub(crate) async fn contact_list(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    ids: Vec<ContactId>,
) -> Result<Vec<contact::Model>> {
    let contacts = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(account_id))
        .filter(contact::Column::Id.eq_any(ids));
    Ok(contacts.all(db).await?)
}

/// The default contact of the account.
pub(crate) async fn contact_default(
    db: &impl ConnectionTrait,
    account_id: AccountId,
) -> Result<Option<contact::Model>> {
    let default = contact::Entity::find()
        .filter(contact::Column::AccountId.eq(account_id))
        .filter(contact::Column::IsDefault.eq(true));
    Ok(default.one(db).await?)
}

/// How many contacts the account has.
pub(crate) async fn contacts_count_in_txn(txn: &DatabaseTransaction, account_id: AccountId) -> Result<u64> {
    Ok(contact::Entity::find().filter(contact::Column::AccountId.eq(account_id)).count(txn).await?)
}

/// Writes a new contact.
pub(crate) async fn contact_insert_in_txn(txn: &DatabaseTransaction, contact: contact::Model) -> Result<()> {
    contact::Entity::insert(contact.into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// Changes what `changes` sets of a contact of the account. `None` when it has no such contact.
pub(crate) async fn contact_update(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    id: ContactId,
    changes: contact::ActiveModel,
) -> Result<Option<contact::Model>> {
    let changed = contact::Entity::update_many()
        .set(contact::ActiveModel { updated_at: Set(Utc::now()), ..changes })
        .filter(contact::Column::Id.eq(id))
        .filter(contact::Column::AccountId.eq(account_id))
        .exec_with_returning(db)
        .await?;
    Ok(changed.into_iter().next())
}

/// Keeps the position of a contact that has none, if its address is still the one that was looked for.
pub(crate) async fn contact_position_set(
    db: &impl ConnectionTrait,
    (account_id, id): (AccountId, ContactId),
    address: &str,
    position: Position,
) -> Result<()> {
    let found = contact::ActiveModel {
        latitude: Set(Some(position.latitude)),
        longitude: Set(Some(position.longitude)),
        ..Default::default()
    };
    contact::Entity::update_many()
        .set(found)
        .filter(contact::Column::Id.eq(id))
        .filter(contact::Column::AccountId.eq(account_id))
        .filter(contact::Column::Address.eq(address))
        .filter(contact::Column::Latitude.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Makes a contact of the account its default, in the place of another. `None` when it has no such contact.
pub(crate) async fn contact_default_set_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: ContactId,
) -> Result<Option<contact::Model>> {
    let Some(contact) = contact_list(txn, account_id, vec![id]).await?.pop() else { return Ok(None) };
    if contact.is_default {
        return Ok(Some(contact));
    }
    contact::Entity::update_many()
        .set(contact::ActiveModel { is_default: Set(false), ..Default::default() })
        .filter(contact::Column::AccountId.eq(account_id))
        .filter(contact::Column::IsDefault.eq(true))
        .exec(txn)
        .await?;
    let changes =
        contact::ActiveModel { id: Set(id), is_default: Set(true), updated_at: Set(Utc::now()), ..Default::default() };
    Ok(Some(changes.update(txn).await?))
}

/// Deletes a contact of the account; when it was the default, the oldest other becomes it. Answers whether the account
/// had it.
pub(crate) async fn contact_delete_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: ContactId,
) -> Result<bool> {
    let Some(contact) = contact_list(txn, account_id, vec![id]).await?.pop() else { return Ok(false) };
    contact::Entity::delete_by_id(id).exec(txn).await?;
    if contact.is_default
        && let Some(heir) = contact_list_of(txn, vec![account_id]).await?.first()
    {
        contact_default_set_in_txn(txn, account_id, heir.id).await?;
    }
    Ok(true)
}
