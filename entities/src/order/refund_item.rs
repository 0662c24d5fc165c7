//! What goes back of the items of a refund.

use kernel::{OrderItemId, RefundId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Units of one item in one refund.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "refund_item")]
pub struct Model {
    /// The refund.
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund_id: RefundId,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: OrderItemId,
    /// How many units.
    pub quantity: i32,
    /// What the buyer gets back for them, in the currency of the refund.
    pub amount_minor: i64,
    /// Which units, for an item whose units have serials.
    pub serials: Vec<String>,
    /// How many came back sellable, once the seller has said so.
    pub sellable: Option<i32>,
    /// How many came back damaged, once the seller has said so.
    pub damaged: Option<i32>,
    /// Which units are damaged, for an item whose units have serials.
    pub damaged_serials: Vec<String>,
}

impl ActiveModelBehavior for ActiveModel {}
