//! Uses of promotions.

use kernel::{AccountId, OperationId, OrderItemId, PromotionId, ReservationId};
use sea_orm::entity::prelude::*;

/// One item that a promotion was counted for.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "promotion", table_name = "promotion_use")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: OrderItemId,
    /// The promotion.
    #[sea_orm(primary_key, auto_increment = false)]
    pub promotion_id: PromotionId,
    /// The checkout that counted it; all items of a checkout are one use.
    pub operation_id: OperationId,
    /// Who buys.
    pub buyer_id: AccountId,
    /// What it costs, in minor units; zero for a promotion on shipping until the item's order is made.
    pub amount_minor: i64,
    /// How much of it has come back with units of the item, in minor units: that much it does not cost any more.
    pub returned_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// Whether the amount is credited after delivery, instead of having been taken off.
    pub cashback: bool,
    /// The operation that counted what a promotion on shipping takes off; null while nothing is counted.
    pub shipping_operation_id: Option<OperationId>,
    /// The unit of stock that the use holds; null when the promotion has no stock. All items of a use name the same.
    pub reservation_id: Option<ReservationId>,
    /// When the item was no more; null while it lives.
    pub given_back_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
