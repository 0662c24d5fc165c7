//! What the catalog adds to accounts.

use async_graphql::{ComplexObject, Context, SimpleObject};
use kernel::AccountId;
use service_kit::{Error, Result, Viewer, graphql::List};

use super::{
    Comment, Product,
    lists::{self, ProductFilterInput, ProductSort},
};
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
}
