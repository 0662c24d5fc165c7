//! Pending items that come to nothing: cancelled by the buyer, rejected by the seller, or not answered in time.

use std::collections::BTreeMap;

use entities::order::{FeedKind, FeedRole, OrderItemState, order_item};
use kernel::{AccountId, CheckoutId, OperationId, OrderItemId};
use sea_orm::{DatabaseConnection, TransactionTrait};
use serde::{Deserialize, Serialize};
use service_kit::{Result, durable::operation};

use crate::{
    error::{ErrorCode, Refusal},
    feed::store::{self as feed, NewEntry, Subject},
    items::store::{self, Change},
    operations,
};

/// Why pending items are released.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Release {
    /// The buyer does not want them any more.
    Cancel(CancelItems),
    /// The seller does not want to sell them.
    Reject(RejectItems),
    /// The seller has not answered in time.
    Expire(ExpireItems),
}

/// A buyer takes pending items back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CancelItems {
    pub(crate) operation_id: OperationId,
    pub(crate) buyer_id: AccountId,
    pub(crate) item_ids: Vec<OrderItemId>,
}

/// A seller rejects pending items.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RejectItems {
    pub(crate) operation_id: OperationId,
    pub(crate) seller_id: AccountId,
    pub(crate) item_ids: Vec<OrderItemId>,
    pub(crate) reason: String,
}

/// The seller deadline of a checkout has passed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ExpireItems {
    pub(crate) checkout_id: CheckoutId,
}

/// What has been released, or why nothing was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Released {
    pub(crate) items: Vec<ReleasedItem>,
    pub(crate) refusals: Vec<Refusal>,
}

/// A released item, with what its parties are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReleasedItem {
    pub(crate) item_id: OrderItemId,
    pub(crate) buyer_id: AccountId,
    pub(crate) seller_id: AccountId,
    pub(crate) product_name: String,
}

impl Release {
    /// The identity of the command; the same one again gives the first answer.
    pub(crate) fn operation_id(&self) -> OperationId {
        match self {
            Self::Cancel(cancel) => cancel.operation_id,
            Self::Reject(reject) => reject.operation_id,
            Self::Expire(expire) => operation(expire.checkout_id, "expire"),
        }
    }

    /// Who does it; `None` for the timer.
    pub(crate) fn actor(&self) -> Option<AccountId> {
        match self {
            Self::Cancel(cancel) => Some(cancel.buyer_id),
            Self::Reject(reject) => Some(reject.seller_id),
            Self::Expire(_) => None,
        }
    }

    fn change(&self) -> Change {
        let (to, reason) = match self {
            Self::Cancel(_) => (OrderItemState::Cancelled, None),
            Self::Reject(reject) => (OrderItemState::Rejected, Some(reject.reason.clone())),
            Self::Expire(_) => (OrderItemState::Expired, None),
        };
        Change { to, actor: self.actor(), reason, order_id: None }
    }

    fn feed_kind(&self) -> FeedKind {
        match self {
            Self::Cancel(_) => FeedKind::ItemsCancelled,
            Self::Reject(_) => FeedKind::ItemsRejected,
            Self::Expire(_) => FeedKind::ItemsExpired,
        }
    }

    /// What speaks against it. A timer takes what is still pending; a person gets all items or none.
    fn refusals(&self, item_ids: &[OrderItemId], found: &[order_item::Model]) -> Vec<Refusal> {
        let is_own = |item: &order_item::Model| match self {
            Self::Cancel(cancel) => item.buyer_id == cancel.buyer_id,
            Self::Reject(reject) => item.seller_id == reject.seller_id,
            Self::Expire(_) => true,
        };
        match self {
            Self::Expire(_) => vec![],
            Self::Cancel(_) | Self::Reject(_) => pending_refusals(item_ids, found, is_own),
        }
    }
}

/// Names every item that is not pending, or that is not the viewer's: those are as if they were not there.
pub(crate) fn pending_refusals(
    item_ids: &[OrderItemId],
    found: &[order_item::Model],
    is_own: impl Fn(&order_item::Model) -> bool,
) -> Vec<Refusal> {
    let refusal = |(index, id): (usize, &OrderItemId)| {
        let field = format!("itemIds.{index}");
        match found.iter().find(|item| item.id == *id && is_own(item)) {
            None => Some(Refusal::at(field, ErrorCode::ItemNotFound, format!("You have no item {id}."))),
            Some(item) if item.state != OrderItemState::Pending => {
                let message = format!("“{}” is not pending any more.", item.product_name);
                Some(Refusal::at(field, ErrorCode::ItemNotPending, message))
            }
            Some(_) => None,
        }
    };
    item_ids.iter().enumerate().filter_map(refusal).collect()
}

/// Releases pending items in one transaction: their state, their history, the sellers' feeds and the answer. The same
/// operation again changes nothing and gives the first answer.
pub(crate) async fn items_release(db: &DatabaseConnection, release: &Release) -> Result<Released> {
    let operation_id = release.operation_id();
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, operation_id).await? {
        return Ok(first);
    }
    let item_ids = match release {
        Release::Cancel(CancelItems { item_ids, .. }) | Release::Reject(RejectItems { item_ids, .. }) => {
            item_ids.clone()
        }
        Release::Expire(expire) => store::items_pending_of_checkout(&txn, expire.checkout_id).await?,
    };
    let found = store::items_lock_in_txn(&txn, &item_ids).await?;
    let refusals = release.refusals(&item_ids, &found);
    let mut answer = Released { items: vec![], refusals };
    if answer.refusals.is_empty() {
        let changed = store::pending_change_in_txn(&txn, &item_ids, &release.change()).await?;
        feed::append_in_txn(&txn, entries(release.feed_kind(), &changed)).await?;
        answer.items = changed.into_iter().map(Into::into).collect();
    }
    // A timer belongs to nobody; its answer is kept under the buyer, or not at all when there was nothing to release.
    if let Some(account_id) = release.actor().or_else(|| answer.items.first().map(|item| item.buyer_id)) {
        operations::answer_insert(&txn, operation_id, account_id, &answer).await?;
    }
    txn.commit().await?;
    Ok(answer)
}

/// One entry for each seller, about all its items.
pub(crate) fn entries(kind: FeedKind, items: &[order_item::Model]) -> Vec<NewEntry> {
    let mut by_seller: BTreeMap<AccountId, Vec<OrderItemId>> = BTreeMap::new();
    for item in items {
        by_seller.entry(item.seller_id).or_default().push(item.id);
    }
    let entry = |(account_id, item_ids)| NewEntry {
        account_id,
        role: FeedRole::Incoming,
        subject: Subject::Items { kind, item_ids },
    };
    by_seller.into_iter().map(entry).collect()
}

impl From<order_item::Model> for ReleasedItem {
    fn from(item: order_item::Model) -> Self {
        Self { item_id: item.id, buyer_id: item.buyer_id, seller_id: item.seller_id, product_name: item.product_name }
    }
}
