//! What other modules may ask of `analytic`.

use chrono::{DateTime, Utc};
use kernel::{AccountId, ProductId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Call;

/// Records interactions, each exactly once by its id. Fire and forget: send it, never wait for it.
pub const TRACK: Call<Vec<Interaction>, ()> = Call::new("InteractionLog", "track");

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
