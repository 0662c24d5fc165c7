//! The history of order items.

use kernel::{AccountId, OrderItemId};
use sea_orm::entity::prelude::*;

use super::states::OrderItemState;

/// One change of state of one item. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "order_item_event")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: OrderItemId,
    /// 1 for the first event of the item, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    /// The state before; `None` for the first.
    pub from_state: Option<OrderItemState>,
    /// The state since.
    pub to_state: OrderItemState,
    /// Who did it; `None` for a timer or a provider.
    pub actor_id: Option<AccountId>,
    /// Why, if somebody said.
    pub reason: Option<String>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
