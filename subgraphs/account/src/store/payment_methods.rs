//! Payment methods. Who changes which is the default holds the lock of the account.

use entities::account::payment_method::{self, Column};
use kernel::{AccountId, PaymentMethodId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder,
};
use service_kit::Result;

/// The payment methods of these accounts, oldest first.
pub(crate) async fn payment_method_list(
    db: &impl ConnectionTrait,
    account_ids: Vec<AccountId>,
) -> Result<Vec<payment_method::Model>> {
    let methods = payment_method::Entity::find()
        .filter(Column::AccountId.eq_any(account_ids))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    Ok(methods.all(db).await?)
}

/// Writes a new payment method.
pub(crate) async fn payment_method_insert_in_txn(
    txn: &DatabaseTransaction,
    method: payment_method::Model,
) -> Result<()> {
    payment_method::Entity::insert(method.into_active_model().reset_all()).exec_without_returning(txn).await?;
    Ok(())
}

/// Makes a payment method of the account its default, in the place of another. `None` when it has no such one.
pub(crate) async fn payment_method_default_set_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: PaymentMethodId,
) -> Result<Option<payment_method::Model>> {
    let Some(method) = find(txn, account_id, id).await? else { return Ok(None) };
    if method.is_default {
        return Ok(Some(method));
    }
    payment_method::Entity::update_many()
        .set(payment_method::ActiveModel { is_default: Set(false), ..Default::default() })
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::IsDefault.eq(true))
        .exec(txn)
        .await?;
    let changes = payment_method::ActiveModel { id: Set(id), is_default: Set(true), ..Default::default() };
    Ok(Some(changes.update(txn).await?))
}

/// Deletes a payment method of the account; when it was the default, the oldest other becomes it. Answers whether the
/// account had it.
pub(crate) async fn payment_method_delete_in_txn(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: PaymentMethodId,
) -> Result<bool> {
    let Some(method) = find(txn, account_id, id).await? else { return Ok(false) };
    payment_method::Entity::delete_by_id(id).exec(txn).await?;
    if method.is_default
        && let Some(heir) = payment_method_list(txn, vec![account_id]).await?.first()
    {
        payment_method_default_set_in_txn(txn, account_id, heir.id).await?;
    }
    Ok(true)
}

async fn find(
    txn: &DatabaseTransaction,
    account_id: AccountId,
    id: PaymentMethodId,
) -> Result<Option<payment_method::Model>> {
    let method = payment_method::Entity::find_by_id(id).filter(Column::AccountId.eq(account_id));
    Ok(method.one(txn).await?)
}
