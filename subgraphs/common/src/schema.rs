//! The roots of the module's graph and its entities.

use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};
use kernel::{AccountId, CommentId, ProductId, RefundId, ResourceId, SkuId};
use service_kit::{Result, Viewer, graphql::MoneyInput};

use crate::{
    loaders::Loaders,
    mutations::Mutation,
    queries::CommonQueries,
    types::{Account, Comment, Product, Refund, Resource, Sku},
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query(CommonQueries, Entities), Mutation, EmptySubscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(MergedObject)]
pub struct Query(CommonQueries, Entities);

/// What other modules refer to.
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn resource_entity(&self, ctx: &Context<'_>, id: ResourceId) -> Result<Option<Resource>> {
        let row = Loaders::of(ctx)?.resources.load_one(id).await?;
        Ok(row.and_then(|row| Resource::visible(row, Viewer::maybe(ctx))))
    }

    #[graphql(entity)]
    async fn product_entity(&self, id: ProductId) -> Option<Product> {
        Some(Product { id })
    }

    #[graphql(entity)]
    async fn comment_entity(&self, id: CommentId) -> Option<Comment> {
        Some(Comment { id })
    }

    #[graphql(entity)]
    async fn refund_entity(&self, id: RefundId) -> Option<Refund> {
        Some(Refund { id })
    }

    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }

    #[graphql(entity)]
    async fn sku_entity(&self, #[graphql(key)] id: SkuId, price: Option<MoneyInput>) -> Option<Sku> {
        Some(Sku { id, price: price.map(Into::into) })
    }
}
