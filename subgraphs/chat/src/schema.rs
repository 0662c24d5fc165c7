//! The roots of the module's graph and its entities.

use async_graphql::{Context, Object, Schema, SchemaBuilder};
use kernel::{AccountId, ConversationId};
use service_kit::{Result, Viewer};

use crate::{
    loaders::Loaders,
    queries::ChatQueries,
    types::{Account, Conversation},
};
pub use crate::{mutations::Mutation, subscriptions::Subscription};

/// The schema, without data.
pub fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query(ChatQueries, Entities), Mutation, Subscription)
        .enable_federation()
        .enable_subscription_in_federation()
}

/// The query root.
#[derive(async_graphql::MergedObject)]
pub struct Query(ChatQueries, Entities);

/// What other modules refer to.
pub struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn account_entity(&self, id: AccountId) -> Option<Account> {
        Some(Account { id })
    }

    /// A conversation exists only for its two accounts.
    #[graphql(entity)]
    async fn conversation_entity(&self, ctx: &Context<'_>, id: ConversationId) -> Result<Option<Conversation>> {
        let Some(viewer) = Viewer::maybe(ctx) else { return Ok(None) };
        Ok(Loaders::of(ctx)?.conversations.load_one((id, viewer.account_id)).await?.map(Conversation))
    }
}
