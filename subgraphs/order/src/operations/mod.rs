//! First answers: the same idempotency key gives the first answer, for ever.
//!
//! The answer is written in the transaction that makes it true. A durable step that runs twice, and a client that asks
//! again after the durable engine has forgotten the call, both find it here.

use entities::order::operation_answer;
use kernel::{AccountId, OperationId};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde::{Serialize, de::DeserializeOwned};
use service_kit::Result;

/// The first answer of the operation, if it has been given.
pub(crate) async fn answer_fetch<T: DeserializeOwned>(
    db: &impl ConnectionTrait,
    operation_id: OperationId,
) -> Result<Option<T>> {
    let row = operation_answer::Entity::find_by_id(operation_id).one(db).await?;
    Ok(row.map(|row| serde_json::from_value(row.answer)).transpose()?)
}

/// Keeps the answer of the operation.
///
/// # Errors
/// The operation has an answer already: whoever answered first wins, and the transaction of the other fails and is run
/// again, where it finds the answer.
pub(crate) async fn answer_insert(
    db: &impl ConnectionTrait,
    operation_id: OperationId,
    account_id: AccountId,
    answer: &(impl Serialize + Sync),
) -> Result<()> {
    let row = operation_answer::ActiveModel {
        id: Set(operation_id),
        account_id: Set(account_id),
        answer: Set(serde_json::to_value(answer)?),
        ..Default::default()
    };
    operation_answer::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
