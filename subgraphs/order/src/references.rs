//! Entities of other modules that this one refers to by id.

use async_graphql::SimpleObject;
use kernel::{ProductId, PromotionId, SkuId};

/// A purchasable variant of a product.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Sku {
    /// Id.
    pub id: SkuId,
}

/// A product.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Product {
    /// Id.
    pub id: ProductId,
}

/// A promotion.
#[derive(SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct Promotion {
    /// Id.
    pub id: PromotionId,
}
