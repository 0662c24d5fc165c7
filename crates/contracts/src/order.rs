//! What other modules may ask of `order`.

use kernel::{AccountId, OrderItemId, ProductId};
use serde::{Deserialize, Serialize};

use crate::Call;

/// The items of a product that a buyer has received, newest first: what entitles to a review.
pub const PURCHASE_VERIFY: Call<PurchaseVerify, Vec<OrderItemId>> = Call::new("OrderDirectory", "purchase_verify");

/// Whose purchase of what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PurchaseVerify {
    /// The buyer.
    pub buyer_id: AccountId,
    /// The product.
    pub product_id: ProductId,
}
