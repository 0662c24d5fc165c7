//! Orders.

use kernel::{AccountId, OrderId};
use sea_orm::entity::prelude::*;

use super::{address::Address, states::OrderStatus};

/// Confirmed items of one buyer, one seller and one address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "orders")]
pub struct Model {
    /// Drawn at confirmation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderId,
    /// Who buys.
    pub buyer_id: AccountId,
    /// Who sells.
    pub seller_id: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Σ unit price × quantity.
    pub product_cost_minor: i64,
    /// Product cost − Σ paid amount of the items.
    pub product_discount_minor: i64,
    /// What the transport costs before promotions.
    pub transport_cost_minor: i64,
    /// What shipping promotions take off; never more than the transport cost.
    pub transport_discount_minor: i64,
    /// What the buyer pays: product cost − product discount + transport cost − transport discount.
    pub total_minor: i64,
    /// What has gone back to the buyer, or is on its way.
    pub refunded_minor: i64,
    /// The transport tier.
    pub transport_option: String,
    /// Where it goes.
    #[sea_orm(column_type = "JsonBinary")]
    pub address: Address,
    /// Equal for equal addresses.
    pub address_key: String,
    /// The number of its last event.
    pub event_seq: i64,
    /// When the seller confirmed it.
    pub created_at: DateTimeUtc,
    /// When its status changed last.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
