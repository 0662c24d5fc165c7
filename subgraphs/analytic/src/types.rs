//! What clients see of popularity.

mod dashboard;

use async_graphql::{
    ComplexObject, Context, Enum, SimpleObject,
    connection::{Connection, ConnectionNameType, DisableNodesField, EdgeNameType, EmptyFields},
};
use kernel::ProductId;
use service_kit::{
    Result,
    graphql::{BigInt, List, ListFields},
};

pub use dashboard::Account;

use crate::loaders::Loaders;

/// A product.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Product {
    /// Id.
    pub id: ProductId,
}

#[ComplexObject]
impl Product {
    /// How much people like the product, by what they did with it.
    async fn popularity(&self, ctx: &Context<'_>) -> Result<Popularity> {
        let row = Loaders::of(ctx)?.popularity.load_one(self.id).await?;
        Ok(row.map_or(Popularity { score: 0.0, interaction_count: BigInt(0) }, |row| Popularity {
            score: units(row.score_milli),
            interaction_count: BigInt(row.interaction_count),
        }))
    }

    /// How many units of it were sold and not sent back, for its card. A moment behind.
    async fn sold_count(&self, ctx: &Context<'_>) -> Result<BigInt> {
        Ok(BigInt(Loaders::of(ctx)?.sold.load_one(self.id).await?.unwrap_or_default()))
    }
}

/// How much people like a product.
#[derive(SimpleObject)]
pub struct Popularity {
    /// The sum of the weights of all interactions: a purchase adds 0.8, a view 0.3, a refund takes 0.7 away, and so on.
    /// Negative when dislike prevails, 0 for a product that nobody has seen.
    pub score: f64,
    /// How many interactions were counted.
    pub interaction_count: BigInt,
}

/// Thousandths as a number for people; sums are kept exact until here.
fn units(milli: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^53")]
    let milli = milli as f64;
    milli / 1000.0
}

/// What was done with a product.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "contracts::analytic::InteractionKind")]
pub enum InteractionKind {
    /// Bought. The marketplace records it itself.
    Purchase,
    /// Put among the favorites. The marketplace records it itself.
    AddToFavorites,
    /// Put into the cart. Needs an account.
    AddToCart,
    /// Reviewed. The marketplace records it itself.
    WriteReview,
    /// Rated with 4 or 5. The marketplace records it itself.
    RatingHigh,
    /// Its page was opened.
    View,
    /// Its seller was asked about it. Needs an account.
    AskQuestion,
    /// Opened from the results of a search.
    ClickFromSearch,
    /// Opened from a recommendation.
    ClickFromRecommendation,
    /// Its similar products were looked at.
    ViewSimilarProducts,
    /// Opened from the list of a category.
    ClickFromCategory,
    /// Rated with 3. The marketplace records it itself.
    RatingMedium,
    /// Its page was left at once.
    ViewBounce,
    /// Marked as not interesting. Needs an account.
    NotInterested,
    /// Taken out of the cart. Needs an account.
    RemoveFromCart,
    /// Hidden. Needs an account.
    HideItem,
    /// Rated with 1 or 2. The marketplace records it itself.
    RatingLow,
    /// Disliked. Needs an account.
    Dislike,
    /// Sent back. The marketplace records it itself.
    ReturnProduct,
    /// Its order was cancelled. The marketplace records it itself.
    CancelOrder,
    /// A refund was asked for. The marketplace records it itself.
    RefundRequested,
    /// Reported to the marketplace. Needs an account.
    ReportProduct,
}

/// A list of products of which a node is null when its product has been withdrawn since. It has no `nodes`, which
/// async-graphql would declare never to be null: one withdrawn product would then take the whole list away.
pub type ProductIds<Names> =
    Connection<String, Option<Product>, ListFields, EmptyFields, Names, Names, DisableNodesField>;

/// The list of trending products.
pub type TrendingProducts = ProductIds<TrendingProductNames>;

/// The list of what an account looked at.
pub type RecentlyViewed = ProductIds<RecentlyViewedNames>;

/// The same list without `nodes`.
pub(crate) fn without_nodes<Names: ConnectionNameType + EdgeNameType>(
    list: List<Option<Product>, Names, Names>,
) -> ProductIds<Names> {
    let mut trimmed =
        Connection::with_additional_fields(list.has_previous_page, list.has_next_page, list.additional_fields);
    trimmed.edges = list.edges;
    trimmed
}

/// How the list of trending products is called in the graph.
pub struct TrendingProductNames;

impl ConnectionNameType for TrendingProductNames {
    fn type_name<T: async_graphql::OutputType>() -> String {
        "TrendingProductConnection".to_owned()
    }
}

impl EdgeNameType for TrendingProductNames {
    fn type_name<T: async_graphql::OutputType>() -> String {
        "TrendingProductEdge".to_owned()
    }
}

/// How the list of what an account looked at is called in the graph.
pub struct RecentlyViewedNames;

impl ConnectionNameType for RecentlyViewedNames {
    fn type_name<T: async_graphql::OutputType>() -> String {
        "RecentlyViewedProductConnection".to_owned()
    }
}

impl EdgeNameType for RecentlyViewedNames {
    fn type_name<T: async_graphql::OutputType>() -> String {
        "RecentlyViewedProductEdge".to_owned()
    }
}
