//! Claims on stock.

use kernel::{ReservationId, StockId};
use sea_orm::entity::prelude::*;

/// How far a reservation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReservationStatus {
    /// The units are taken and still in stock.
    Open,
    /// The units went back to sale.
    Released,
    /// The units are sold and have left the stock.
    Committed,
}

/// One claim. `taken` of a stock is the sum of its open reservations.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "inventory", table_name = "reservation")]
pub struct Model {
    /// Id, drawn by whoever reserves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReservationId,
    /// The stock.
    pub stock_id: StockId,
    /// How many units, at least one.
    pub quantity: i64,
    /// How many of its sold units came back.
    pub returned: i64,
    /// How far it has come.
    pub status: ReservationStatus,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// When it was released or committed.
    pub closed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
