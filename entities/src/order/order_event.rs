//! The history of orders.

use kernel::{AccountId, OrderId, RefundId};
use sea_orm::entity::prelude::*;

use super::{
    refund::RefundStatus,
    states::{OrderStatus, ShipmentStatus},
};

/// One change of one order or of its shipment. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "order_event")]
pub struct Model {
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// 1 for the first event of the order, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// The status before; `None` for the first.
    pub from_status: Option<OrderStatus>,
    /// The status since; the same as before when only the shipment or a refund moved.
    pub to_status: OrderStatus,
    /// Where the shipment came to, when that is the news.
    pub shipment_status: Option<ShipmentStatus>,
    /// The refund that moved on, when that is the news.
    pub refund_id: Option<RefundId>,
    /// Where the refund came to, when that is the news.
    pub refund_status: Option<RefundStatus>,
    /// Who did it; `None` for a timer or a provider.
    pub actor_id: Option<AccountId>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
