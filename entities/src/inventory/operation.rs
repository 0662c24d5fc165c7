//! Commands that were carried out.

use kernel::OperationId;
use sea_orm::entity::prelude::*;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Makes stock records.
    Provision,
    /// Reserves units.
    Reserve,
    /// Gives reserved units back to sale.
    Release,
    /// Turns reserved units into sold ones.
    Commit,
    /// Adds units.
    Import,
    /// Corrects the number of units.
    Adjust,
    /// Records that sold units are back with their seller.
    Arrive,
    /// Takes units of a reservation back.
    TakeBack,
}

/// One command, with the answer it gave: the same id again gives that answer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "inventory", table_name = "operation")]
pub struct Model {
    /// Identity of the command.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: OperationId,
    /// What it does.
    pub command: Command,
    /// What it answered; null only inside the transaction that carries it out.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub answer: Option<Json>,
    /// When it was carried out.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
