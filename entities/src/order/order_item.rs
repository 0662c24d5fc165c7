//! Order items.

use kernel::{AccountId, CheckoutId, OrderId, OrderItemId, ProductId, PromotionId, SkuId};
use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};

use super::{address::Address, states::OrderItemState};

/// One SKU × quantity that a buyer checked out; names, prices and address as they stood then.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "order_item")]
pub struct Model {
    /// Drawn at checkout; also the id of the stock reservation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderItemId,
    /// The checkout it came with.
    pub checkout_id: CheckoutId,
    /// The order it belongs to, once confirmed.
    pub order_id: Option<OrderId>,
    /// Who buys.
    pub buyer_id: AccountId,
    /// Who sells.
    pub seller_id: AccountId,
    /// The SKU.
    pub sku_id: SkuId,
    /// Its product.
    pub product_id: ProductId,
    /// The name of the product.
    pub product_name: String,
    /// What tells the SKU from its siblings.
    pub variant_label: String,
    /// How many: 1–999.
    pub quantity: i32,
    /// Weight of one packed unit, in grams.
    pub weight_grams: i32,
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// List price of one unit.
    pub unit_price_minor: i64,
    /// Unit price × quantity.
    pub list_amount_minor: i64,
    /// What the buyer pays for the line after promotions.
    pub paid_amount_minor: i64,
    /// How many units refunds claim: those asked for, on their way, and done.
    pub held_quantity: i32,
    /// What refunds claim of the paid amount.
    pub held_minor: i64,
    /// For how many units the money is on its way back, or back.
    pub refunded_quantity: i32,
    /// What made the difference.
    #[sea_orm(column_type = "JsonBinary")]
    pub applied_promotions: AppliedPromotions,
    /// Shipping promotions the line has earned; `PromotionId`s.
    pub shipping_promotion_ids: Vec<Uuid>,
    /// The serials reserved, for a stock that requires them.
    pub serials: Vec<String>,
    /// Where it goes.
    #[sea_orm(column_type = "JsonBinary")]
    pub address: Address,
    /// Equal for equal addresses: what items are grouped by.
    pub address_key: String,
    /// The transport tier the buyer chose.
    pub transport_option: String,
    /// What the buyer wrote to the seller.
    pub note: Option<String>,
    /// Where it stands.
    pub state: OrderItemState,
    /// Why it was rejected, as the seller wrote it.
    pub reason: Option<String>,
    /// The number of its last event.
    pub event_seq: i32,
    /// Until when the seller may answer.
    pub deadline_at: DateTimeUtc,
    /// When it was checked out.
    pub created_at: DateTimeUtc,
    /// When its state changed last.
    pub updated_at: DateTimeUtc,
}

/// The promotions that apply to an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct AppliedPromotions(pub Vec<AppliedPromotion>);

/// A promotion that applies to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPromotion {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Its name at checkout.
    pub name: String,
    /// What it takes off, in the currency of the item.
    pub saving_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}
