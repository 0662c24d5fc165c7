//! The roots of the module's graph and its entities.

use async_graphql::{Context, EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};
use kernel::{AccountId, CategoryId, ProductId, PromotionId, SkuId};
use service_kit::{Result, graphql::MoneyInput};

use crate::{
    loaders::Loaders,
    mutations::Mutation,
    queries::PromotionQueries,
    types::{Account, Promotion, Sku, SkuFacts},
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query(PromotionQueries, Entities), Mutation, EmptySubscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(MergedObject)]
pub struct Query(PromotionQueries, Entities);

/// What other modules refer to.
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn promotion_entity(&self, ctx: &Context<'_>, id: PromotionId) -> Result<Option<Promotion>> {
        Ok(Loaders::of(ctx)?.promotions.load_one(id).await?.map(Promotion))
    }

    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }

    /// A SKU with what the router has brought along from the catalog, if it was asked to.
    #[graphql(entity)]
    async fn sku_entity(
        &self,
        #[graphql(key)] id: SkuId,
        price: Option<MoneyInput>,
        product_id: Option<ProductId>,
        seller_id: Option<AccountId>,
        category_path: Option<Vec<CategoryId>>,
    ) -> Option<Sku> {
        let facts = || {
            Some(SkuFacts {
                price: price?.into(),
                product_id: product_id?,
                seller_id: seller_id?,
                category_path: category_path?,
            })
        };
        Some(Sku { id, facts: facts() })
    }
}
