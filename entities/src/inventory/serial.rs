//! Single units of stocks that require serials.

use kernel::{OperationId, ReservationId, StockId};
use sea_orm::entity::prelude::*;

/// Where a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SerialStatus {
    /// For sale.
    Available,
    /// Taken by an open reservation.
    Reserved,
    /// Left the stock with a buyer.
    Sold,
    /// Came back from a buyer.
    Returned,
    /// No longer sellable.
    Damaged,
}

/// One unit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "inventory", table_name = "serial")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The stock it belongs to.
    pub stock_id: StockId,
    /// The seller's own or a generated text, unique in its stock.
    pub serial: String,
    /// Where it is.
    pub status: SerialStatus,
    /// The reservation that holds it, or by which it was sold.
    pub reservation_id: Option<ReservationId>,
    /// The import by which it came in; `None` for units from before imports were recorded here.
    pub operation_id: Option<OperationId>,
    /// When it was imported.
    pub created_at: DateTimeUtc,
    /// When its status last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
