//! First answers of operations.

use kernel::{AccountId, OperationId};
use sea_orm::entity::prelude::*;

/// What an operation answered the first time, and answers for ever.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "operation_answer")]
pub struct Model {
    /// The operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OperationId,
    /// Who asked for it.
    pub account_id: AccountId,
    /// The answer; only the code of the operation reads it.
    #[sea_orm(column_type = "JsonBinary")]
    pub answer: Json,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
