//! The roots of the module's graph and its entities.

use async_graphql::{EmptySubscription, Object, Schema, SchemaBuilder};
use kernel::{AccountId, PromotionId, SkuId};

use crate::{
    mutations::Mutation,
    types::{Account, Promotion, Sku},
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query, Mutation::new(), EmptySubscription).enable_federation().enable_subscription_in_federation()
}

/// The query root: no field of its own, only the entities to which the module adds fields.
pub struct Query;

#[Object]
impl Query {
    #[graphql(entity)]
    async fn sku_entity(&self, id: SkuId) -> Option<Sku> {
        Some(Sku { id })
    }

    #[graphql(entity)]
    async fn promotion_entity(&self, id: PromotionId) -> Option<Promotion> {
        Some(Promotion { id })
    }

    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }
}
