//! What other modules may ask of `analytic`.

use chrono::{DateTime, Utc};
use kernel::{AccountId, OrderId, ProductId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Call;

/// Records interactions, each exactly once by its id. Fire and forget: send it, never wait for it.
pub const TRACK: Call<Vec<Interaction>, ()> = Call::new("InteractionLog", "track");

/// Records what was sold and what came back, each exactly once by its id. Fire and forget.
pub const SALES_RECORD: Call<Vec<Sale>, ()> = Call::new("SalesLog", "record");

/// What an account likes, and what it should not be offered again. It reads only.
pub const TASTE_FETCH: Call<AccountId, Taste> = Call::new("AnalyticDirectory", "taste_fetch");

/// The products that people like most these days, the highest first, at most so many and at most 500. It reads only.
pub const TRENDING_FETCH: Call<u32, Vec<ProductId>> = Call::new("AnalyticDirectory", "trending_fetch");

/// The products of which most units were sold and not sent back, the most first, at most so many and at most 500. It
/// reads only.
pub const BEST_SOLD_FETCH: Call<u32, Vec<ProductId>> = Call::new("AnalyticDirectory", "best_sold_fetch");

/// Units of a product that were paid for, or for which the money goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Derived from the order's item or from the refund, so that a repetition counts once.
    pub sale_id: Uuid,
    /// Who sells.
    pub seller_id: AccountId,
    /// The order that it belongs to.
    pub order_id: OrderId,
    /// The product.
    pub product_id: ProductId,
    /// How many units: above zero for a sale, below for what came back.
    pub units: i64,
    /// What the buyer paid for them after promotions, in minor units; below zero for money that goes back.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// When it was paid, or the refund decided.
    pub occurred_at: DateTime<Utc>,
}

/// What an account's interactions say of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taste {
    /// What it liked lately, the most liked first.
    pub liked: Vec<Liking>,
    /// What it bought, hid or rejected, the latest first.
    pub settled: Vec<ProductId>,
}

/// A product that an account likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liking {
    /// The product.
    pub product_id: ProductId,
    /// The weights of what was done with it, in thousandths, faded by age; above zero.
    pub weight_milli: i64,
}

/// Something an account did with a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Interaction {
    /// Drawn by whoever saw it happen, so that a repeated batch counts once.
    pub interaction_id: Uuid,
    /// Who; `None` for a visitor who is not logged in.
    pub account_id: Option<AccountId>,
    /// With which product.
    pub product_id: ProductId,
    /// What was done.
    pub kind: InteractionKind,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// What was done with a product. Each kind has a weight in the popularity of the product, by configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation; the weights stand in the module's README")]
pub enum InteractionKind {
    Purchase,
    AddToFavorites,
    AddToCart,
    WriteReview,
    RatingHigh,
    View,
    AskQuestion,
    ClickFromSearch,
    ClickFromRecommendation,
    ViewSimilarProducts,
    ClickFromCategory,
    RatingMedium,
    ViewBounce,
    NotInterested,
    RemoveFromCart,
    HideItem,
    RatingLow,
    Dislike,
    ReturnProduct,
    CancelOrder,
    RefundRequested,
    ReportProduct,
}

impl InteractionKind {
    /// Whether an account that did this should not be offered the product again: it has it, or does not want it.
    pub const fn settles(self) -> bool {
        matches!(self, Self::Purchase | Self::HideItem | Self::NotInterested | Self::Dislike | Self::ReportProduct)
    }
}
