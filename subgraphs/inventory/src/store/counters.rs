//! The one statement that changes counters.

use entities::inventory::{stock, stock_history::StockChangeKind};
use kernel::{AccountId, OperationId, ReservationId, StockId};
use sea_orm::{DatabaseTransaction, EntityTrait, raw_sql};
use service_kit::Result;
use uuid::Uuid;

/// A change of the counters of one stock.
#[derive(Debug, Clone)]
pub struct CounterChange {
    /// The stock.
    pub stock_id: StockId,
    /// What happens.
    pub kind: StockChangeKind,
    /// Signed change of `stock`.
    pub stock_delta: i64,
    /// Signed change of `taken`.
    pub taken_delta: i64,
    /// The command that does it.
    pub operation_id: OperationId,
    /// On whose behalf; `None` for a timer.
    pub actor_id: Option<AccountId>,
    /// The reservation concerned, if it is about one.
    pub reservation_id: Option<ReservationId>,
    /// Why, in the words of whoever adjusts.
    pub reason: Option<String>,
}

/// Changes counters and writes the history of it, in one statement: the two cannot part. Answers with the stock as it
/// is now, or with nothing when the change would break `0 <= taken <= stock`; then nothing is changed.
///
/// The row stays locked until the transaction ends. Whoever changes several stocks does so in the order of their ids.
pub async fn counters_change_in_txn(txn: &DatabaseTransaction, change: CounterChange) -> Result<Option<stock::Model>> {
    let history_id = Uuid::now_v7();
    let changed = stock::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        WITH changed AS (
            UPDATE inventory.stock
            SET stock = stock + {change.stock_delta}, taken = taken + {change.taken_delta}, updated_at = now()
            WHERE id = {change.stock_id}
                AND taken + {change.taken_delta} BETWEEN 0 AND stock + {change.stock_delta}
            RETURNING *
        ), logged AS (
            INSERT INTO inventory.stock_history
                (id, stock_id, kind, stock_delta, taken_delta, operation_id, actor_id, reservation_id, reason)
            SELECT {history_id}, id, {change.kind}, {change.stock_delta}, {change.taken_delta},
                {change.operation_id}, {change.actor_id}, {change.reservation_id}, {change.reason}
            FROM changed
        )
        SELECT * FROM changed
        "#
    ));
    Ok(changed.one(txn).await?)
}
