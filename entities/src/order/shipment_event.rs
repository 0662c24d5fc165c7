//! The history of shipments.

use kernel::ShipmentId;
use sea_orm::entity::prelude::*;

use super::states::ShipmentStatus;

/// One move of one parcel. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "shipment_event")]
pub struct Model {
    /// The parcel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub shipment_id: ShipmentId,
    /// 1 for the first event of the parcel, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    /// Where it came to.
    pub status: ShipmentStatus,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
