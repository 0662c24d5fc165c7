//! The states of items, orders and shipments.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where an order item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderItemState {
    /// Waits for its seller.
    Pending,
    /// Belongs to an order.
    Confirmed,
    /// Its seller does not want to sell it.
    Rejected,
    /// Its buyer took it back, or its order was cancelled.
    Cancelled,
    /// Its seller did not answer in time.
    Expired,
    /// The buyer has it.
    Delivered,
    /// It went back to the seller.
    Returned,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Made by the seller; can be paid or cancelled.
    Confirmed,
    /// The buyer pays the carrier.
    PayableOnDelivery,
    /// Paid; not yet with the carrier.
    Paid,
    /// With the carrier.
    Shipping,
    /// With the buyer.
    Delivered,
    /// Given up before it was shipped.
    Cancelled,
    /// Back with the seller.
    Returned,
}

/// Where the parcel of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShipmentStatus {
    /// Announced; still with the seller.
    Created,
    /// The carrier has it.
    PickedUp,
    /// On its way.
    InTransit,
    /// With the buyer.
    Delivered,
    /// The carrier could not deliver it.
    Failed,
    /// Back with the seller.
    Returned,
}
