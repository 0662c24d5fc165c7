//! Which orders a payment pays.

use kernel::{OrderId, PaymentId};
use sea_orm::entity::prelude::*;

/// One order of one payment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "payment_order")]
pub struct Model {
    /// The payment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment_id: PaymentId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// What the order costs, in the currency of the payment.
    pub amount_minor: i64,
    /// Whether the payment pays the order or may still do so. At most one payment is open for an order.
    pub open: bool,
    /// When the money for this order came.
    pub settled_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
