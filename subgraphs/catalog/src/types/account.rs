//! What the catalog adds to accounts.

use async_graphql::{ComplexObject, Context, SimpleObject};
use kernel::AccountId;
use service_kit::{Error, Result, Viewer, graphql::List};

use super::{
    Comment, Product,
    lists::{self, ProductFilterInput, ProductSort},
};
use crate::loaders::{SellerOf, loaders_of};
use crate::store::{
    comment_list::{CommentOrder, Thread},
    product_list::ProductFilter,
};

/// A person or a shop; buyer and seller at once.
#[derive(SimpleObject, Debug, Clone, Copy)]
#[graphql(complex)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
}

#[ComplexObject]
impl Account {
    /// What the account sells. Disabled products are in it only for the account itself.
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only products that pass all of this.")] filter: Option<ProductFilterInput>,
        #[graphql(desc = "In which order.", default)] sort: ProductSort,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Product>> {
        let filter = ProductFilterInput::read(filter)?;
        if filter.seller_id.is_some_and(|seller_id| seller_id != self.id) {
            return Err(Error::bad_input("filter.sellerId", "the list is of one seller already"));
        }
        let own = Viewer::maybe(ctx).is_some_and(|viewer| viewer.account_id == self.id);
        let filter = ProductFilter { seller_id: Some(self.id), disabled_too: own, ..filter };
        lists::products(ctx, filter, sort.into(), first, after).await
    }

    /// The reviews that the account has written, the newest first.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most how many: 1–100, 20 without.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
    ) -> Result<List<Comment>> {
        lists::comments(ctx, Thread::WrittenBy(self.id), CommentOrder::Newest, first, after).await
    }

    /// What the account has to show as a seller, in numbers.
    async fn seller_statistics(&self, ctx: &Context<'_>) -> Result<SellerStatistics> {
        let numbers = loaders_of(ctx)?.load_one(SellerOf(self.id)).await?;
        let (products, reviews, stars) =
            numbers.map_or((0, 0, 0), |numbers| (numbers.products, numbers.reviews, numbers.stars));
        #[expect(clippy::cast_precision_loss, reason = "an average is shown with one digit")]
        let average_rating = (reviews > 0).then(|| stars as f64 / reviews as f64);
        let shown = |count| i32::try_from(count).unwrap_or(i32::MAX);
        Ok(SellerStatistics { product_count: shown(products), review_count: shown(reviews), average_rating })
    }
}

/// What a seller has to show, in numbers. How much it sold is `Account.soldCount`.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct SellerStatistics {
    /// How many products it has on offer.
    pub product_count: i32,
    /// How many reviews its products have.
    pub review_count: i32,
    /// The mean of the stars of all those reviews, 1–5. Null when there is none.
    pub average_rating: Option<f64>,
}
