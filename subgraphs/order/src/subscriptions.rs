//! Subscriptions: orders and pending items, live and without loss.
//!
//! Every event has a number that was given in the transaction that made it true. A stream first reads the events after
//! the client's number, then goes live; a client that reconnects with its last number misses nothing.

use async_graphql::{Context, Enum, SimpleObject, Subscription as GraphSubscription};
use chrono::{DateTime, Utc};
use entities::order::{FeedRole, feed_entry};
use futures::Stream;
use kernel::{OrderId, OrderItemId};
use sea_orm::DatabaseConnection;
use service_kit::{
    Error, Platform, Result, SignedIn, Viewer,
    graphql::BigInt,
    live::{Numbered, REPLAY},
};

use crate::{
    feed,
    items::{self, types::OrderItem},
    orders::{
        self,
        types::{Order, OrderEvent},
    },
};

/// The subscription root.
#[derive(Default)]
pub struct Subscription;

/// Something that has happened to an order, and the order as it is now.
#[derive(SimpleObject)]
pub struct OrderChange {
    /// The number of this change in the list that is followed: give the last one you have as `after` to resume.
    pub sequence: BigInt,
    /// What happened.
    pub event: OrderEvent,
    /// The order as it is now, which may be later than the event.
    pub order: Order,
}

/// A role that an account plays in orders.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRole {
    /// As the one who buys.
    Buyer,
    /// As the one who sells.
    Seller,
}

/// What happened to pending items.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingItemsChangeKind {
    /// A buyer checked them out.
    Arrived,
    /// The seller confirmed them.
    Confirmed,
    /// The seller rejected them.
    Rejected,
    /// The buyer took them back.
    Cancelled,
    /// Nobody answered in time.
    Expired,
}

/// Something that has happened to pending items of a seller.
#[derive(SimpleObject)]
pub struct IncomingItemsChange {
    /// The number of this change: give the last one you have as `after` to resume.
    pub sequence: BigInt,
    /// What happened.
    pub kind: IncomingItemsChangeKind,
    /// The items as they are now, which may be later than the change.
    pub items: Vec<OrderItem>,
    /// When.
    pub at: DateTime<Utc>,
}

#[GraphSubscription]
impl Subscription {
    /// What happens to one order of the viewer, as its buyer or its seller: each event once and in order, first those
    /// after the number `after`, then those to come. For anybody else there is no such order (`NOT_FOUND`).
    #[graphql(guard = "SignedIn")]
    async fn order_status_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The order.")] order_id: OrderId,
        #[graphql(
            desc = "The `sequence` of the last event the client has; 0 for all. Left out: only what is to come."
        )]
        after: Option<BigInt>,
    ) -> Result<impl Stream<Item = async_graphql::Result<OrderChange>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let order = orders::store::orders_fetch(&db, &[order_id]).await?.pop().map(Order);
        let order = order.filter(|order| order.is_visible_to(&viewer)).ok_or(Error::NotFound("order"))?;
        let after = resume(after, order.0.event_seq)?;
        let platform = ctx.data_unchecked::<Platform>();
        Ok(platform.live.follow(viewer, feed::order_topic(order_id), after, move |seen| {
            let db = db.clone();
            async move { order_changes(&db, order_id, seen).await }
        }))
    }

    /// What happens to all orders of the viewer in one role, new ones included: each event once and in order, first
    /// those after the number `after`, then those to come. The numbers are the viewer's own and run over all orders of
    /// the role.
    #[graphql(guard = "SignedIn")]
    async fn my_orders_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which role.")] role: OrderRole,
        #[graphql(
            desc = "The `sequence` of the last event the client has; 0 for all. Left out: only what is to come."
        )]
        after: Option<BigInt>,
    ) -> Result<impl Stream<Item = async_graphql::Result<OrderChange>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let role = match role {
            OrderRole::Buyer => FeedRole::Buyer,
            OrderRole::Seller => FeedRole::Seller,
        };
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let after = resume(after, feed::store::last_seq(&db, viewer.account_id, role).await?)?;
        let platform = ctx.data_unchecked::<Platform>();
        Ok(platform.live.follow(viewer, feed::topic(viewer.account_id, role), after, move |seen| {
            let db = db.clone();
            async move {
                let entries = feed::store::entries_after(&db, viewer.account_id, role, seen, REPLAY).await?;
                feed_changes(&db, entries).await
            }
        }))
    }

    /// What happens to the items that wait for the viewer as a seller: each change once and in order, first those after
    /// the number `after`, then those to come.
    #[graphql(guard = "SignedIn")]
    async fn incoming_items_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `sequence` of the last change the client has; 0 for all. Left out: only what is to come."
        )]
        after: Option<BigInt>,
    ) -> Result<impl Stream<Item = async_graphql::Result<IncomingItemsChange>> + use<>> {
        let viewer = *Viewer::of(ctx)?;
        let role = FeedRole::Incoming;
        let db = ctx.data_unchecked::<DatabaseConnection>().clone();
        let after = resume(after, feed::store::last_seq(&db, viewer.account_id, role).await?)?;
        let platform = ctx.data_unchecked::<Platform>();
        Ok(platform.live.follow(viewer, feed::topic(viewer.account_id, role), after, move |seen| {
            let db = db.clone();
            async move {
                let entries = feed::store::entries_after(&db, viewer.account_id, role, seen, REPLAY).await?;
                incoming_changes(&db, entries).await
            }
        }))
    }
}

/// Where a stream begins: after what the client has, or now.
fn resume(after: Option<BigInt>, newest: i64) -> Result<i64> {
    let after = after.map_or(newest, |after| after.0);
    if (0..=newest).contains(&after) {
        Ok(after)
    } else {
        Err(Error::bad_input("after", "it is the sequence of an event that has been, or 0"))
    }
}

async fn order_changes(db: &DatabaseConnection, order_id: OrderId, seen: i64) -> Result<Vec<Numbered<OrderChange>>> {
    let events = orders::store::events_after(db, order_id, seen, REPLAY).await?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let broken = || Error::broken("an event belongs to an order");
    let order = orders::store::orders_fetch(db, &[order_id]).await?.pop().ok_or_else(broken)?;
    let changes = events.into_iter().map(|(sequence, event)| {
        let change = OrderChange { sequence: BigInt(sequence), event: event.into(), order: Order(order.clone()) };
        (sequence, change)
    });
    Ok(changes.collect())
}

async fn feed_changes(
    db: &DatabaseConnection,
    entries: Vec<Numbered<feed_entry::Model>>,
) -> Result<Vec<Numbered<OrderChange>>> {
    let keys: Vec<(OrderId, i64)> =
        entries.iter().filter_map(|(_, entry)| Some((entry.order_id?, entry.order_seq?))).collect();
    let ids: Vec<OrderId> = keys.iter().map(|(order_id, _)| *order_id).collect();
    let rows = orders::store::orders_fetch(db, &ids).await?;
    let events = orders::store::events_by_key(db, &keys).await?;
    let mut changes = Vec::with_capacity(entries.len());
    for (sequence, entry) in entries {
        let order = rows.iter().find(|order| Some(order.id) == entry.order_id);
        let event =
            events.iter().find(|event| Some(event.order_id) == entry.order_id && Some(event.seq) == entry.order_seq);
        let (Some(order), Some(event)) = (order, event) else {
            return Err(Error::broken("an entry of a feed of orders names an order and its event"));
        };
        let change =
            OrderChange { sequence: BigInt(sequence), event: event.clone().into(), order: Order(order.clone()) };
        changes.push((sequence, change));
    }
    Ok(changes)
}

async fn incoming_changes(
    db: &DatabaseConnection,
    entries: Vec<Numbered<feed_entry::Model>>,
) -> Result<Vec<Numbered<IncomingItemsChange>>> {
    use entities::order::FeedKind;

    let ids: Vec<OrderItemId> =
        entries.iter().flat_map(|(_, entry)| entry.item_ids.iter().copied().map(OrderItemId)).collect();
    let rows = items::store::items_fetch(db, &ids).await?;
    let mut changes = Vec::with_capacity(entries.len());
    for (sequence, entry) in entries {
        let kind = match entry.kind {
            FeedKind::ItemsArrived => IncomingItemsChangeKind::Arrived,
            FeedKind::ItemsConfirmed => IncomingItemsChangeKind::Confirmed,
            FeedKind::ItemsRejected => IncomingItemsChangeKind::Rejected,
            FeedKind::ItemsCancelled => IncomingItemsChangeKind::Cancelled,
            FeedKind::ItemsExpired => IncomingItemsChangeKind::Expired,
            FeedKind::Order => return Err(Error::broken("a feed of pending items names items")),
        };
        let items = rows.iter().filter(|row| entry.item_ids.contains(&row.id.uuid())).cloned().map(OrderItem);
        let change = IncomingItemsChange { sequence: BigInt(sequence), kind, items: items.collect(), at: entry.at };
        changes.push((sequence, change));
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_resumes_after_what_has_been() {
        for after in [0, 1, 5] {
            assert_eq!(resume(Some(BigInt(after)), 5).unwrap(), after);
        }
        assert_eq!(resume(None, 5).unwrap(), 5);
        for after in [-1, 6, i64::MAX] {
            assert!(matches!(resume(Some(BigInt(after)), 5), Err(Error::BadInput { field: "after", .. })), "{after}");
        }
    }
}
