//! Idempotency: each command keeps its answer under its operation id.

use entities::inventory::operation::{self, Command};
use kernel::OperationId;
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, DatabaseTransaction, EntityTrait, TryInsertResult};
use serde::{Serialize, de::DeserializeOwned};
use service_kit::{Error, Result};

/// Claims an operation id for this transaction, or gives the answer that the command gave the first time.
///
/// While another transaction is carrying out the same command, this waits for its end: after its commit there is an
/// answer, after its rollback the id is ours.
pub async fn operation_begin_in_txn<Answer: DeserializeOwned>(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    command: Command,
) -> Result<Option<Answer>> {
    let row = operation::ActiveModel {
        operation_id: Set(operation_id),
        command: Set(command),
        answer: NotSet,
        created_at: NotSet,
    };
    let claimed =
        operation::Entity::insert(row).on_conflict_do_nothing_on([operation::Column::OperationId]).exec(txn).await?;
    if matches!(claimed, TryInsertResult::Inserted(_)) {
        return Ok(None);
    }
    let first = operation::Entity::find_by_id(operation_id).one(txn).await?;
    let first = first.ok_or_else(|| Error::broken("an operation that was carried out is not there"))?;
    if first.command != command {
        return Err(Error::bad_input("operation_id", "it belongs to a command of another kind"));
    }
    Ok(Some(serde_json::from_value(first.answer.unwrap_or_default())?))
}

/// Keeps the answer of a command that this transaction has carried out.
pub async fn operation_finish_in_txn<Answer: Serialize + Sync>(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    answer: &Answer,
) -> Result<()> {
    let row = operation::ActiveModel {
        operation_id: Set(operation_id),
        command: NotSet,
        answer: Set(Some(serde_json::to_value(answer)?)),
        created_at: NotSet,
    };
    operation::Entity::update(row).exec(txn).await?;
    Ok(())
}
