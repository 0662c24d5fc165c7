//! Subscriptions.

use async_graphql::{Context, Subscription as GraphSubscription};
use futures::Stream;
use kernel::ConversationId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer, graphql::BigInt};

use crate::{store, types::Message};

/// How many messages one read of the database replays.
const REPLAY: u64 = 100;

/// The subscription root.
pub struct Subscription;

#[GraphSubscription]
impl Subscription {
    /// The messages of a conversation of the viewer, each once and in order: first those after the number `after`, then
    /// those to come. Reconnect with the `sequence` of the last message you have, and nothing is missed.
    #[graphql(guard = "SignedIn")]
    async fn message_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation.")] conversation_id: ConversationId,
        #[graphql(desc = "The `sequence` of the last message the client has. Left out: only what is to come.")]
        after: Option<BigInt>,
    ) -> Result<impl Stream<Item = async_graphql::Result<Message>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let platform = ctx.data_unchecked::<Platform>();
        let conversation = store::conversation_fetch(&db, viewer.account_id, conversation_id).await?;
        let newest = conversation.ok_or(Error::NotFound("conversation"))?.last_sequence;
        let after = after.map_or(newest, |after| after.0);
        if !(0..=newest).contains(&after) {
            return Err(Error::bad_input("after", "it is the sequence of a message of this conversation, or 0"));
        }
        Ok(platform.live.follow(viewer, store::topic(conversation_id), after, move |seen| {
            let db = db.clone();
            async move {
                let rows = store::message_list_after(&db, conversation_id, seen, REPLAY).await?;
                Ok(rows.into_iter().map(|row| (row.sequence, Message::from(row))).collect())
            }
        }))
    }
}
