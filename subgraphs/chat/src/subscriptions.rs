//! Subscriptions.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_graphql::{Context, Subscription as GraphSubscription};
use futures::Stream;
use kernel::ConversationId;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer, graphql::BigInt, live::REPLAY};

use crate::{
    presence, store,
    types::{ConversationActivity, Message},
};

/// How long a change that nobody signals (somebody stops writing, or goes away) can stay unseen.
const LOOK_EVERY: Duration = Duration::from_secs(5);

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
    /// What the other account of a conversation is doing: whether it is there, is writing, and how far it has read. First
    /// how it is now, then whenever it has changed. While this is open, the viewer counts as there.
    #[graphql(guard = "SignedIn")]
    async fn conversation_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation.")] conversation_id: ConversationId,
    ) -> Result<impl Stream<Item = async_graphql::Result<ConversationActivity>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let platform = ctx.data_unchecked::<Platform>().clone();
        let conversation = store::conversation_fetch(&db, viewer.account_id, conversation_id).await?;
        let other = conversation.ok_or(Error::NotFound("conversation"))?.other(viewer.account_id);
        let signed_at = Arc::new(Mutex::new(None::<Instant>));
        let live = platform.live.clone();
        let topics =
            vec![store::topic(conversation_id), presence::activity_topic(conversation_id), presence::topic(other)];
        Ok(live.observe(viewer, topics, LOOK_EVERY, move || {
            let (db, platform, signed_at) = (db.clone(), platform.clone(), signed_at.clone());
            async move {
                if is_due(&signed_at) {
                    presence::sign(&platform.redis, &platform.live, viewer.account_id).await;
                }
                activity(&db, &platform, viewer, conversation_id).await
            }
        }))
    }

    /// How many unread messages the viewer has in all: first how many there are now, then whenever it has changed. While
    /// this is open, the viewer counts as there.
    #[graphql(guard = "SignedIn")]
    async fn unread_message_count_changed(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = async_graphql::Result<i32>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let platform = ctx.data_unchecked::<Platform>().clone();
        let live = platform.live.clone();
        let topics = vec![store::inbox_topic(viewer.account_id)];
        Ok(live.observe(viewer, topics, presence::SIGN_EVERY, move || {
            let (db, platform) = (db.clone(), platform.clone());
            async move {
                presence::sign(&platform.redis, &platform.live, viewer.account_id).await;
                store::unread_count(&db, viewer.account_id).await
            }
        }))
    }
}

/// Whether another sign of the viewer is due; it counts as given.
fn is_due(signed_at: &Mutex<Option<Instant>>) -> bool {
    let mut signed_at = signed_at.lock().expect("no holder of this lock can panic");
    let due = signed_at.is_none_or(|at| at.elapsed() >= presence::SIGN_EVERY);
    if due {
        *signed_at = Some(Instant::now());
    }
    due
}

/// What the other account is doing. Who is blocked sees nothing of it.
async fn activity(
    db: &DatabaseConnection,
    platform: &Platform,
    viewer: Viewer,
    id: ConversationId,
) -> Result<ConversationActivity> {
    let conversation = store::conversation_fetch(db, viewer.account_id, id).await?;
    let conversation = conversation.ok_or(Error::NotFound("conversation"))?;
    let other = conversation.other(viewer.account_id);
    let seats = store::participant_list(db, &[(id, other)]).await?;
    let read = seats.iter().find(|seat| seat.account_id == other).map_or(0, |seat| seat.read_sequence);
    let hidden = store::block_between(db, viewer.account_id, other).await?;
    Ok(ConversationActivity {
        is_online: !hidden && presence::online_among(&platform.redis, &[other]).await == [true],
        is_typing: !hidden && presence::is_typing(&platform.redis, id, other).await,
        read_sequence: BigInt(read),
        last_sequence: BigInt(conversation.last_sequence),
    })
}
