//! What clients see of carts.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::cart_item;
use kernel::SkuId;
use service_kit::Result;

use crate::{
    cart::quote::{self, CartQuote},
    error::UserError,
    references::{Product, Sku},
};

/// What an account means to buy. Prices and stock are those of the moment: ask the SKU for its `price`, `stock` and
/// `offer`.
pub struct Cart {
    pub(crate) items: Vec<cart_item::Model>,
}

/// What an account means to buy. Prices and stock are those of the moment: ask the SKU for its `price`, `stock` and
/// `offer`.
#[Object]
impl Cart {
    /// One entry a SKU, at most 100, in the order in which they were put in.
    async fn items(&self) -> Vec<CartItem> {
        self.items.iter().cloned().map(CartItem).collect()
    }

    /// What a checkout of the cart would cost now, by the very function that prices checkouts: one quote for each
    /// currency among the SKUs that are for sale. Codes that cannot be used are answered for in `rejected`. At most 20
    /// codes, or `BAD_USER_INPUT`. Null, with an error beside it, when the prices cannot be told: the cart itself is
    /// there without them.
    async fn quotes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Codes the buyer has entered, at most 20.")] codes: Option<Vec<String>>,
    ) -> Result<Option<Vec<CartQuote>>> {
        quote::quotes(ctx, &self.items, codes.unwrap_or_default()).await.map(Some)
    }

    /// How many units in all.
    async fn total_quantity(&self) -> i32 {
        self.items.iter().map(|item| item.quantity).sum()
    }
}

/// One SKU in a cart.
pub struct CartItem(cart_item::Model);

/// One SKU in a cart.
#[Object]
impl CartItem {
    /// The SKU.
    async fn sku(&self) -> Sku {
        Sku { id: self.0.sku_id }
    }

    /// Its product.
    async fn product(&self) -> Product {
        Product { id: self.0.product_id }
    }

    /// How many: 1–999.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// When it was put in first.
    async fn added_at(&self) -> DateTime<Utc> {
        self.0.added_at
    }
}

/// What to put into the cart.
#[derive(InputObject, Debug, Clone, Copy)]
pub struct SetCartItemInput {
    /// The SKU.
    pub sku_id: SkuId,
    /// How many the cart shall hold: 1–999, or 0 to take it out.
    pub quantity: i32,
}

/// The answer to `setCartItem`.
#[derive(SimpleObject)]
pub struct SetCartItemPayload {
    /// The cart as it is now. Null when the request was refused.
    pub cart: Option<Cart>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}

/// The answer to `clearCart`.
#[derive(SimpleObject)]
pub struct ClearCartPayload {
    /// The cart, empty.
    pub cart: Option<Cart>,
    /// Always empty: clearing is never refused.
    pub user_errors: Vec<UserError>,
}
