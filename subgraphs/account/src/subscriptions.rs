//! Subscriptions.

use async_graphql::{Context, Subscription as GraphSubscription};
use futures::Stream;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Platform, Result, SignedIn, Viewer, graphql::BigInt};

use crate::{store, types::Notification, workflows::notify::topic};

/// The subscription root.
pub struct Subscription;

#[GraphSubscription]
impl Subscription {
    /// The viewer's notifications, each once and in order: first those after the number `after`, then those to come.
    /// Without `after` only those to come. Reconnect with the `sequence` of the last one you have, and nothing is
    /// missed.
    #[graphql(guard = "SignedIn")]
    async fn notification_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `sequence` of the last notification the client has.")] after: Option<BigInt>,
    ) -> Result<impl Stream<Item = async_graphql::Result<Notification>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let id = viewer.account_id;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let newest = store::notification_last_sequence(&db, id).await?;
        let after = after.map_or(newest, |after| after.0);
        if !(0..=newest).contains(&after) {
            return Err(Error::bad_input("after", "it is the sequence of a notification of the viewer, or 0"));
        }
        let live = &ctx.data_unchecked::<Platform>().live;
        Ok(live.follow(viewer, topic(id), after, move |seen| {
            let db = db.clone();
            async move {
                let rows = store::notification_list_after(&db, id, seen).await?;
                Ok(rows.into_iter().map(|row| (row.sequence, Notification(row))).collect())
            }
        }))
    }
}
