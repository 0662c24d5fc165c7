//! Accounts.

use chrono::{DateTime, Utc};
use entities::account::account;
use kernel::AccountId;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LockType},
};
use service_kit::{Result, database::violated_constraint};

use crate::identifiers::Identifier;

/// The accounts of these ids; unknown ones are left out.
pub(crate) async fn account_list(db: &impl ConnectionTrait, ids: Vec<AccountId>) -> Result<Vec<account::Model>> {
    Ok(account::Entity::find().filter(account::Column::Id.eq_any(ids)).all(db).await?)
}

/// One account.
pub(crate) async fn account_fetch(db: &impl ConnectionTrait, id: AccountId) -> Result<Option<account::Model>> {
    Ok(account::Entity::find_by_id(id).one(db).await?)
}

/// The account that is known by an identifier.
pub(crate) async fn account_by_identifier(
    db: &impl ConnectionTrait,
    identifier: &Identifier,
) -> Result<Option<account::Model>> {
    let lower = |column: account::Column| Expr::expr(Func::lower(Expr::col(column)));
    let known = match identifier {
        Identifier::Email(email) => lower(account::Column::Email).eq(email.as_str()),
        Identifier::Phone(phone) => account::Column::Phone.eq(phone.as_str()),
        Identifier::Username(username) => lower(account::Column::Username).eq(username.as_str()),
    };
    Ok(account::Entity::find().filter(known).one(db).await?)
}

/// The account, kept as it is until the transaction ends: what is decided on it cannot be overtaken.
pub(crate) async fn account_lock_shared_in_txn(
    txn: &DatabaseTransaction,
    id: AccountId,
) -> Result<Option<account::Model>> {
    Ok(account::Entity::find_by_id(id).lock(LockType::Share).one(txn).await?)
}

/// The account, for this transaction alone. Whoever changes the contacts or the sessions of an account takes turns
/// by it; it is always the first lock.
pub(crate) async fn account_lock_in_txn(txn: &DatabaseTransaction, id: AccountId) -> Result<Option<account::Model>> {
    Ok(account::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(txn).await?)
}

/// Writes a new account. The inner error is the name of the input field that another account already has.
pub(crate) async fn account_insert(
    db: &impl ConnectionTrait,
    account: account::Model,
) -> Result<Result<account::Model, &'static str>> {
    taken_or(account.into_active_model().reset_all().insert(db).await)
}

/// Changes what `changes` sets.
pub(crate) async fn account_update(
    db: &impl ConnectionTrait,
    changes: account::ActiveModel,
) -> Result<Result<account::Model, &'static str>> {
    taken_or(changes.update(db).await)
}

fn taken_or(outcome: Result<account::Model, DbErr>) -> Result<Result<account::Model, &'static str>> {
    let error = match outcome {
        Ok(account) => return Ok(Ok(account)),
        Err(error) => error,
    };
    match violated_constraint(&error) {
        Some("account_username_unique") => Ok(Err("username")),
        Some("account_email_unique") => Ok(Err("email")),
        Some("account_phone_unique") => Ok(Err("phone")),
        _ => Err(error.into()),
    }
}

/// Replaces the password.
pub(crate) async fn account_password_set_in_txn(txn: &DatabaseTransaction, id: AccountId, hash: String) -> Result<()> {
    account::ActiveModel { id: Set(id), password_hash: Set(hash), ..Default::default() }.update(txn).await?;
    Ok(())
}

/// Notes which address is proved.
pub(crate) async fn account_proof_set_in_txn(txn: &DatabaseTransaction, proved: account::ActiveModel) -> Result<()> {
    proved.update(txn).await?;
    Ok(())
}

/// Suspends the account, for a reason, or takes the suspension back.
pub(crate) async fn account_suspension_set_in_txn(
    txn: &DatabaseTransaction,
    id: AccountId,
    suspension: Option<(DateTime<Utc>, String)>,
) -> Result<account::Model> {
    let (at, reason) = suspension.unzip();
    let changes = account::ActiveModel {
        id: Set(id),
        suspended_at: Set(at),
        suspension_reason: Set(reason),
        ..Default::default()
    };
    Ok(changes.update(txn).await?)
}
