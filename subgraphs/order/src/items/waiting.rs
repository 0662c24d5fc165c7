//! What of pending items waits for somebody to act: sellers who were not told of them, and deadlines that have passed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{AccountId, CheckoutId, OrderItemId};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, raw_sql};
use serde::{Deserialize, Serialize};
use service_kit::{Result, rounds::DueAt};

/// Of how many checkouts one round has sellers told.
const BATCH: i64 = 500;
/// How many late items one round looks at. They are found again until they have expired, so that there must be time for it.
const LATE: i64 = 100;

/// What one round has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// When it looked.
    pub(crate) at: DateTime<Utc>,
    /// The items that sellers are to be told of.
    pub(crate) arrived: Vec<Arrived>,
    /// Checkouts with items that were not answered in time.
    pub(crate) overdue: Vec<CheckoutId>,
    /// Whether there may be more that have arrived.
    pub(crate) more: bool,
}

/// New items of one seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) seller_id: AccountId,
    /// The first of the checkouts that they come from: no other round has it.
    pub(crate) checkout_id: CheckoutId,
    pub(crate) item_ids: Vec<OrderItemId>,
}

#[derive(FromQueryResult)]
struct Item {
    seller_id: AccountId,
    checkout_id: CheckoutId,
    id: OrderItemId,
}

#[derive(FromQueryResult)]
struct Overdue {
    checkout_id: CheckoutId,
}

/// Takes the checkouts whose sellers were not told, for this round, and finds those whose deadline has passed. The same
/// round again takes the same ones.
pub(crate) async fn waiting_take(db: &DatabaseConnection, round: DueAt) -> Result<Waiting> {
    let (at, round) = (Utc::now(), round.as_ms());
    let taken = db
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE "order".checkout SET announced_in = {round} WHERE id IN (
                SELECT id FROM "order".checkout WHERE announced_in IS NULL ORDER BY id LIMIT {BATCH})"#
        ))
        .await?
        .rows_affected();
    let items = Item::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT i.seller_id, i.checkout_id, i.id FROM "order".checkout c
        JOIN "order".order_item i ON i.checkout_id = c.id
        WHERE c.announced_in = {round} AND i.state = 'PENDING' ORDER BY i.checkout_id, i.id"#
    ))
    .all(db)
    .await?;
    let overdue = Overdue::find_by_statement(raw_sql!(
        Postgres,
        r#"SELECT DISTINCT checkout_id FROM (
            SELECT checkout_id FROM "order".order_item WHERE state = 'PENDING' AND deadline_at <= {at}
            ORDER BY deadline_at LIMIT {LATE}) AS late"#
    ))
    .all(db)
    .await?;
    let overdue = overdue.into_iter().map(|late| late.checkout_id).collect();
    Ok(Waiting { at, arrived: by_seller(items), overdue, more: taken >= BATCH.unsigned_abs() })
}

fn by_seller(items: Vec<Item>) -> Vec<Arrived> {
    let mut by_seller: BTreeMap<AccountId, Arrived> = BTreeMap::new();
    for Item { seller_id, checkout_id, id } in items {
        let new = || Arrived { seller_id, checkout_id, item_ids: Vec::new() };
        by_seller.entry(seller_id).or_insert_with(new).item_ids.push(id);
    }
    by_seller.into_values().collect()
}
