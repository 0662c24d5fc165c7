//! Feeds: what an account may follow live, in each of its roles.
//!
//! An entry gets its number in the transaction that makes it true, by [`store::append_in_txn`]; [`publish`] and
//! [`publish_incoming`] tell followers after the commit that there is something new.

pub(crate) mod store;

use entities::order::{FeedRole, orders};
use kernel::{AccountId, OrderId};
use service_kit::Platform;

/// Tells those who follow the order, or all orders of its buyer or its seller, that there is something new. Call it
/// after the commit.
pub(crate) async fn publish(platform: &Platform, order: &orders::Model) {
    let topics =
        [order_topic(order.id), topic(order.buyer_id, FeedRole::Buyer), topic(order.seller_id, FeedRole::Seller)];
    for topic in topics {
        platform.live.publish(&topic).await;
    }
}

/// Tells sellers that their pending items have changed. Call it after the commit.
pub(crate) async fn publish_incoming(platform: &Platform, sellers: impl IntoIterator<Item = AccountId> + Send) {
    for seller in sellers.into_iter().collect::<std::collections::BTreeSet<_>>() {
        platform.live.publish(&topic(seller, FeedRole::Incoming)).await;
    }
}

/// The topic of one order.
pub(crate) fn order_topic(order_id: OrderId) -> String {
    format!("order:{order_id}")
}

/// The topic of one feed.
pub(crate) fn topic(account_id: AccountId, role: FeedRole) -> String {
    match role {
        FeedRole::Buyer => format!("orders:buyer:{account_id}"),
        FeedRole::Seller => format!("orders:seller:{account_id}"),
        FeedRole::Incoming => format!("incoming:{account_id}"),
    }
}
