//! Numbers without gaps, and the entries that carry them.

use entities::order::{FeedKind, FeedRole, feed, feed_entry, orders};
use kernel::{AccountId, OrderId, OrderItemId};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    raw_sql,
};
use service_kit::{Result, live::Numbered};
use uuid::Uuid;

/// An entry that has no number yet.
#[derive(Debug, Clone)]
pub(crate) struct NewEntry {
    pub(crate) account_id: AccountId,
    pub(crate) role: FeedRole,
    pub(crate) subject: Subject,
}

/// What an entry is about.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// An event of an order.
    Order { order_id: OrderId, order_seq: i64 },
    /// Items that share a fate.
    Items { kind: FeedKind, item_ids: Vec<OrderItemId> },
}

/// The entries for both parties of an order about its last event.
pub(crate) fn order_entries(order: &orders::Model) -> [NewEntry; 2] {
    let subject = Subject::Order { order_id: order.id, order_seq: order.event_seq };
    [
        NewEntry { account_id: order.buyer_id, role: FeedRole::Buyer, subject: subject.clone() },
        NewEntry { account_id: order.seller_id, role: FeedRole::Seller, subject },
    ]
}

/// Appends the entries, each with the next number of its feed.
///
/// The counters stay locked until the commit, so that a number is never seen before a smaller one. They are locked in
/// the order of role and account: a transaction that appends twice keeps to that order by appending about orders
/// first and about pending items last.
pub(crate) async fn append_in_txn(txn: &DatabaseTransaction, mut entries: Vec<NewEntry>) -> Result<()> {
    entries.sort_by_key(|entry| (entry.role, entry.account_id));
    for NewEntry { account_id, role, subject } in entries {
        let (kind, order_id, order_seq, item_ids) = match subject {
            Subject::Order { order_id, order_seq } => (FeedKind::Order, Some(order_id), Some(order_seq), vec![]),
            Subject::Items { kind, item_ids } => (kind, None, None, item_ids.into_iter().map(Uuid::from).collect()),
        };
        let (role, kind, item_ids): (String, String, Vec<Uuid>) = (role.to_value(), kind.to_value(), item_ids);
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"
            WITH number AS (
                INSERT INTO "order".feed AS feed (account_id, role, last_seq) VALUES ({account_id}, {role}, 1)
                ON CONFLICT (account_id, role) DO UPDATE SET last_seq = feed.last_seq + 1
                RETURNING last_seq
            )
            INSERT INTO "order".feed_entry (account_id, role, seq, kind, order_id, order_seq, item_ids)
            SELECT {account_id}, {role}, number.last_seq, {kind}, {order_id}, {order_seq}, {item_ids} FROM number"#
        ))
        .await?;
    }
    Ok(())
}

/// At most `limit` entries of a feed after the number `after`, in order.
pub(crate) async fn entries_after(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    role: FeedRole,
    after: i64,
    limit: u64,
) -> Result<Vec<Numbered<feed_entry::Model>>> {
    let rows = feed_entry::Entity::find()
        .filter(feed_entry::COLUMN.account_id.eq(account_id))
        .filter(feed_entry::Column::Role.eq(role))
        .filter(feed_entry::Column::Seq.gt(after))
        .order_by_asc(feed_entry::Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.seq, row)).collect())
}

/// The number of the last entry of a feed; zero for a feed without entries.
pub(crate) async fn last_seq(db: &impl ConnectionTrait, account_id: AccountId, role: FeedRole) -> Result<i64> {
    let feed = feed::Entity::find_by_id((account_id, role)).one(db).await?;
    Ok(feed.map_or(0, |feed| feed.last_seq))
}
