//! The roots of the module's graph and its entities.

use async_graphql::{EmptySubscription, MergedObject, Object, Schema, SchemaBuilder};
use kernel::{AccountId, ProductId};

use crate::{
    mutations::Mutation,
    queries::AnalyticQueries,
    types::{Account, Product},
};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query(AnalyticQueries, Entities), Mutation, EmptySubscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(MergedObject)]
pub struct Query(AnalyticQueries, Entities);

/// What the module adds fields to.
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn product_entity(&self, id: ProductId) -> Option<Product> {
        Some(Product { id })
    }

    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }
}
