//! Parcels that go back.

use kernel::{RefundId, ShipmentId};
use sea_orm::entity::prelude::*;

use super::{address::Address, refund::ReturnMethod, states::ShipmentStatus};

/// The parcel by which the goods of one refund go back.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "return_shipment")]
pub struct Model {
    /// Drawn when the refund was accepted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShipmentId,
    /// The refund; its id is the carrier's reference.
    pub refund_id: RefundId,
    /// The way it goes, as in `table-rate`.
    pub option_id: String,
    /// How the carrier gets it.
    pub method: ReturnMethod,
    /// Where it is.
    pub status: ShipmentStatus,
    /// Weight of the whole parcel.
    pub weight_grams: i64,
    /// Where it comes from: the buyer.
    #[sea_orm(column_type = "JsonBinary")]
    pub origin: Address,
    /// Where it goes: the seller.
    #[sea_orm(column_type = "JsonBinary")]
    pub destination: Address,
    /// The carrier's code, once it has taken the parcel on.
    pub tracking_code: Option<String>,
    /// When the refund was accepted.
    pub created_at: DateTimeUtc,
    /// When it moved last.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
