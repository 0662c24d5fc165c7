//! Releases pending items: the buyer cancels them, the seller rejects them, or the deadline passes.
//!
//! | step | undone by |
//! |---|---|
//! | changes the items, their history and the sellers' feeds in one transaction | |
//! | releases the stock and gives the promotion uses back, both at once | |
//! | notifies the other party | |
//!
//! The first step decides: of a cancellation, a rejection, a confirmation and a deadline that race for an item exactly
//! one finds it pending. What follows only spreads the decision and is never undone.

use std::collections::BTreeMap;

use contracts::{
    Call,
    account::{NOTIFY, NotificationKind, Notify},
    inventory::{RELEASE, Settle},
    promotion::{GIVE_BACK, GiveBack},
};
use kernel::{AccountId, NotificationId, OrderItemId, ReservationId};
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde_json::json;
use service_kit::{Platform, durable::operation, step};

use crate::{
    feed,
    items::release::{Release, Released, ReleasedItem, items_release},
};

pub(crate) use crate::items::release::{CancelItems, ExpireItems, RejectItems};

/// A buyer cancels pending items.
pub(crate) const CANCEL: Call<CancelItems, Released> = Call::new("PendingItems", "cancel");
/// A seller rejects pending items.
pub(crate) const REJECT: Call<RejectItems, Released> = Call::new("PendingItems", "reject");
/// The seller deadline of a checkout passes.
pub(crate) const EXPIRE: Call<ExpireItems, Released> = Call::new("PendingItems", "expire");

/// Ends pending items that come to nothing.
pub(crate) struct PendingItems {
    pub(crate) db: DatabaseConnection,
    pub(crate) platform: Platform,
}

#[restate_sdk::service(name = "PendingItems", client_visibility = "pub(crate)")]
impl PendingItems {
    /// The buyer does not want the items any more.
    #[handler]
    async fn cancel(&self, ctx: Context<'_>, Json(cancel): Json<CancelItems>) -> Result<Json<Released>, HandlerError> {
        Ok(Json(self.release(&ctx, Release::Cancel(cancel)).await?))
    }

    /// The seller does not want to sell the items.
    #[handler]
    async fn reject(&self, ctx: Context<'_>, Json(reject): Json<RejectItems>) -> Result<Json<Released>, HandlerError> {
        Ok(Json(self.release(&ctx, Release::Reject(reject)).await?))
    }

    /// The seller has not answered in time: what is still pending of a checkout is released.
    #[handler]
    async fn expire(&self, ctx: Context<'_>, Json(expire): Json<ExpireItems>) -> Result<Json<Released>, HandlerError> {
        Ok(Json(self.release(&ctx, Release::Expire(expire)).await?))
    }
}

impl PendingItems {
    async fn release(&self, ctx: &Context<'_>, release: Release) -> Result<Released, TerminalError> {
        let released = step!(ctx, "release items", async {
            let released = items_release(&self.db, &release).await?;
            feed::publish_incoming(&self.platform, released.items.iter().map(|item| item.seller_id)).await;
            Ok(released)
        })?;
        if released.items.is_empty() {
            return Ok(released);
        }
        let operation_id = release.operation_id();
        let item_ids: Vec<OrderItemId> = released.items.iter().map(|item| item.item_id).collect();
        let stock = RELEASE.start(
            ctx,
            Settle {
                operation_id: operation_id.child("release"),
                actor_id: release.actor(),
                reservation_ids: item_ids.iter().map(|id| ReservationId(id.uuid())).collect(),
            },
        );
        let uses = GIVE_BACK.start(ctx, GiveBack { operation_id: operation_id.child("give back"), item_ids });
        for notification in notifications(&release, &released.items) {
            NOTIFY.send(ctx, notification);
        }
        let (stock, uses) = (stock.await, uses.await);
        stock.and(uses)?;
        Ok(released)
    }
}

/// One notification to each account that has to know.
fn notifications(release: &Release, items: &[ReleasedItem]) -> Vec<Notify> {
    let buyers = by_account(items, |item| item.buyer_id);
    let sellers = by_account(items, |item| item.seller_id);
    let told: Vec<(AccountId, Vec<&ReleasedItem>)> = match release {
        Release::Cancel(_) => sellers,
        Release::Reject(_) => buyers,
        Release::Expire(_) => buyers.into_iter().chain(sellers).collect(),
    };
    told.into_iter().map(|(account_id, items)| notification(release, account_id, &items)).collect()
}

fn by_account(
    items: &[ReleasedItem],
    account: impl Fn(&ReleasedItem) -> AccountId,
) -> Vec<(AccountId, Vec<&ReleasedItem>)> {
    let mut groups: BTreeMap<AccountId, Vec<&ReleasedItem>> = BTreeMap::new();
    for item in items {
        groups.entry(account(item)).or_default().push(item);
    }
    groups.into_iter().collect()
}

fn notification(release: &Release, account_id: AccountId, items: &[&ReleasedItem]) -> Notify {
    let names: Vec<&str> = items.iter().take(3).map(|item| item.product_name.as_str()).collect();
    let more = if items.len() > names.len() { " and more" } else { "" };
    let names = format!("{}{more}", names.join(", "));
    let (kind, title, content) = match release {
        Release::Cancel(_) => {
            (NotificationKind::ItemsCancelled, "Items cancelled", format!("The buyer has cancelled: {names}."))
        }
        Release::Reject(reject) => {
            let content = format!("The seller cannot deliver: {names}. Reason: {}", reject.reason);
            (NotificationKind::ItemsRejected, "Items rejected", content)
        }
        Release::Expire(_) => {
            let content = format!("Not answered in time, and released: {names}.");
            (NotificationKind::ItemsExpired, "Items expired", content)
        }
    };
    let part = format!("notify/{account_id}");
    let item_ids: Vec<OrderItemId> = items.iter().map(|item| item.item_id).collect();
    Notify {
        notification_id: NotificationId(operation(release.operation_id(), &part).uuid()),
        account_id,
        kind,
        title: title.to_owned(),
        content,
        metadata: json!({ "itemIds": item_ids }),
    }
}
