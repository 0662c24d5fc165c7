//! The roots of the module's graph and its entities.

use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};
use kernel::{AccountId, CategoryId, CommentId, ProductId, SkuId};
use service_kit::Result;

use crate::{
    loaders::loaders_of,
    mutations::{
        CategoryMutations, ModerationMutations, PriceMutations, ProductMutations, ReviewMutations, SkuMutations,
    },
    queries::CatalogQueries,
    types::{Account, Category, Comment, Product, Sku},
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription).enable_federation()
}

/// The query root.
#[derive(MergedObject, Default)]
pub struct Query(CatalogQueries, Entities);

/// The mutation root.
#[derive(MergedObject, Default)]
pub struct Mutation(
    ProductMutations,
    SkuMutations,
    PriceMutations,
    CategoryMutations,
    ReviewMutations,
    ModerationMutations,
);

/// What other modules refer to. A disabled product or SKU resolves, because carts and orders go on showing it; a
/// deleted one does not.
#[derive(Debug, Default)]
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn product_entity(&self, ctx: &Context<'_>, id: ProductId) -> Result<Option<Product>> {
        Ok(loaders_of(ctx)?.load_one(id).await?.map(Product))
    }

    #[graphql(entity)]
    async fn sku_entity(&self, ctx: &Context<'_>, id: SkuId) -> Result<Option<Sku>> {
        Ok(loaders_of(ctx)?.load_one(id).await?.map(Sku::of))
    }

    #[graphql(entity)]
    async fn category_entity(&self, ctx: &Context<'_>, id: CategoryId) -> Result<Option<Category>> {
        Ok(loaders_of(ctx)?.load_one(id).await?.map(Category))
    }

    #[graphql(entity)]
    async fn comment_entity(&self, ctx: &Context<'_>, id: CommentId) -> Result<Option<Comment>> {
        Ok(loaders_of(ctx)?.load_one(id).await?.map(Comment))
    }

    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }
}
