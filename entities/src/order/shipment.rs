//! Shipments.

use kernel::{OrderId, ShipmentId};
use sea_orm::entity::prelude::*;

use super::{address::Address, states::ShipmentStatus};

/// The parcel of one order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "shipment")]
pub struct Model {
    /// Drawn at confirmation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShipmentId,
    /// The order.
    pub order_id: OrderId,
    /// The way to ship, as in `table-rate`.
    pub option_id: String,
    /// Where it is.
    pub status: ShipmentStatus,
    /// What the transport costs before promotions.
    pub cost_minor: i64,
    /// ISO 4217 code of the cost.
    pub currency: String,
    /// Weight of the whole parcel.
    pub weight_grams: i64,
    /// Where the carrier fetches it; `None` when the seller had no address at confirmation.
    #[sea_orm(column_type = "JsonBinary")]
    pub pickup: Option<Address>,
    /// The carrier's code, once it has taken the parcel on.
    pub tracking_code: Option<String>,
    /// The number of its last event.
    pub event_seq: i32,
    /// When the order was confirmed.
    pub created_at: DateTimeUtc,
    /// When it moved last.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
