//! What an account means to buy.

use kernel::{AccountId, ProductId, SkuId};
use sea_orm::entity::prelude::*;

/// One SKU in one cart.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "cart_item")]
pub struct Model {
    /// Whose cart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The SKU.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: SkuId,
    /// Its product.
    pub product_id: ProductId,
    /// How many: 1–999.
    pub quantity: i32,
    /// When it was put in first; the cart is in this order.
    pub added_at: DateTimeUtc,
    /// When the quantity was set last.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
