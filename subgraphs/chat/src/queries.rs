//! Queries.

use async_graphql::{Context, Object};
use kernel::ConversationId;
use sea_orm::DatabaseConnection;
use service_kit::{Result, SignedIn, Viewer};

use crate::{store, types::Conversation};

/// Queries of the chat module.
pub struct ChatQueries;

#[Object]
impl ChatQueries {
    /// One conversation of the viewer. Null when there is none, or when it belongs to others.
    #[graphql(guard = "SignedIn")]
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation.")] id: ConversationId,
    ) -> Result<Option<Conversation>> {
        let viewer = Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>();
        Ok(store::conversation_fetch(db, viewer.account_id, id).await?.map(Conversation))
    }
}
