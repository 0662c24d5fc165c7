//! Every change of a counter.

use kernel::{AccountId, OperationId, ReservationId, StockId};
use sea_orm::entity::prelude::*;

/// What changed the counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockChangeKind {
    /// Units were added.
    Import,
    /// The number of units was corrected.
    Adjust,
    /// Units were reserved.
    Reserve,
    /// Reserved units went back to sale.
    Release,
    /// Reserved units were sold.
    Commit,
    /// Sold units came back.
    Return,
    /// Units that came back cannot be sold again.
    Damage,
}

/// One change. Rows are only ever added: the sum of the deltas of a stock is its counters.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "inventory", table_name = "stock_history")]
pub struct Model {
    /// Id; ids ascend in time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The stock.
    pub stock_id: StockId,
    /// What happened.
    pub kind: StockChangeKind,
    /// Signed change of `stock`.
    pub stock_delta: i64,
    /// Signed change of `taken`.
    pub taken_delta: i64,
    /// The command that did it.
    pub operation_id: OperationId,
    /// On whose behalf; `None` for a timer.
    pub actor_id: Option<AccountId>,
    /// The reservation concerned, if it is about one.
    pub reservation_id: Option<ReservationId>,
    /// Why, in the words of whoever adjusted.
    pub reason: Option<String>,
    /// When.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
