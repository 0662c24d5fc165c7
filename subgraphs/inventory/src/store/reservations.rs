//! Reserving: every line of a request, or none.

use std::collections::HashMap;

use contracts::inventory::{Reserve, ReserveLine, ReserveOutcome, ReservedLine, ShortLine, StockRef};
use entities::inventory::{
    operation::Command,
    reservation::{self, ReservationStatus},
    stock,
    stock_history::StockChangeKind,
};
use kernel::{AccountId, StockId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseConnection, DatabaseTransaction, EntityTrait, TransactionTrait,
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result, database::violated_constraint};

use crate::store::{
    counters::{CounterChange, counters_change_in_txn},
    operations::{operation_begin_in_txn, operation_finish_in_txn},
    serials::serials_claim_in_txn,
    stocks::{of, stock_list},
};

/// What came of a request to reserve: the answer to the caller, and what the sellers are to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserved {
    /// The answer.
    pub outcome: ReserveOutcome,
    /// The stocks that this request has brought down to their threshold.
    pub low: Vec<LowStock>,
}

/// A stock that has come down to its threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowStock {
    /// The stock.
    pub stock_id: StockId,
    /// What it is of.
    #[serde(flatten)]
    pub of: StockRef,
    /// Whom to tell.
    pub owner_id: AccountId,
    /// How many units are left.
    pub available: i64,
}

/// Reserves every line or none, in one transaction.
///
/// # Errors
/// `BAD_USER_INPUT` when a quantity is below one or a reservation id is in use.
pub async fn stock_reserve(db: &DatabaseConnection, command: &Reserve) -> Result<Reserved> {
    if command.lines.iter().any(|line| line.quantity < 1) {
        return Err(Error::bad_input("lines.quantity", "at least one unit is reserved"));
    }
    let txn = db.begin().await?;
    let reserved = stock_reserve_in_txn(&txn, command).await?;
    txn.commit().await?;
    Ok(reserved)
}

/// Reserves inside a transaction that the caller commits. Rolled back, it has taken nothing: counters and serials are
/// as they were, and the operation id is unused.
pub async fn stock_reserve_in_txn(txn: &DatabaseTransaction, command: &Reserve) -> Result<Reserved> {
    if let Some(first) = operation_begin_in_txn(txn, command.operation_id, Command::Reserve).await? {
        return Ok(first);
    }
    let attempt = txn.begin().await?;
    let reserved = lines_reserve_in_txn(&attempt, command).await?;
    match reserved.outcome {
        ReserveOutcome::Reserved(_) => attempt.commit().await?,
        ReserveOutcome::Refused(_) => attempt.rollback().await?,
    }
    operation_finish_in_txn(txn, command.operation_id, &reserved).await?;
    Ok(reserved)
}

/// Takes what each line wants. On a refusal the lines that could be taken are taken nevertheless: the caller rolls back.
async fn lines_reserve_in_txn(txn: &DatabaseTransaction, command: &Reserve) -> Result<Reserved> {
    let wanted: Vec<StockRef> = command.lines.iter().map(|line| line.of).collect();
    let stocks: HashMap<StockRef, stock::Model> =
        stock_list(txn, &wanted).await?.into_iter().map(|stock| (of(&stock), stock)).collect();

    let mut taken = Vec::new();
    let mut short = Vec::new();
    let mut low = Vec::new();
    for (position, line) in in_lock_order(&command.lines, &stocks) {
        let Some(stock) = stocks.get(&line.of) else {
            short.push((position, short_line(line, 0)));
            continue;
        };
        match counters_change_in_txn(txn, change(command, line, stock.id)).await? {
            Some(now) => {
                low.extend(low_stock(&now, line.quantity));
                taken.push((position, line, now));
            }
            None => {
                let available = stock_list(txn, &[line.of]).await?.pop().map_or(0, |now| now.available());
                short.push((position, short_line(line, available)));
            }
        }
    }
    if !short.is_empty() {
        short.sort_by_key(|(position, _)| *position);
        let short = short.into_iter().map(|(_, line)| line).collect();
        return Ok(Reserved { outcome: ReserveOutcome::Refused(short), low: Vec::new() });
    }

    reservations_insert_in_txn(txn, &taken).await?;
    let mut lines = Vec::with_capacity(taken.len());
    for (position, line, stock) in &taken {
        let serials = if stock.requires_serials {
            serials_claim_in_txn(txn, stock.id, line.reservation_id, line.quantity).await?
        } else {
            Vec::new()
        };
        lines.push((*position, ReservedLine { reservation_id: line.reservation_id, serials }));
    }
    lines.sort_by_key(|(position, _)| *position);
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Ok(Reserved { outcome: ReserveOutcome::Reserved(lines), low })
}

/// The lines with their positions in the request, ordered by stock id: two requests that want the same stocks lock them
/// in the same order. Lines of one stock keep the order of the request.
fn in_lock_order<'a>(
    lines: &'a [ReserveLine],
    stocks: &HashMap<StockRef, stock::Model>,
) -> Vec<(usize, &'a ReserveLine)> {
    let mut ordered: Vec<(usize, &ReserveLine)> = lines.iter().enumerate().collect();
    ordered.sort_by_key(|(_, line)| stocks.get(&line.of).map(|stock| stock.id));
    ordered
}

fn change(command: &Reserve, line: &ReserveLine, stock_id: StockId) -> CounterChange {
    CounterChange {
        stock_id,
        kind: StockChangeKind::Reserve,
        stock_delta: 0,
        taken_delta: line.quantity,
        operation_id: command.operation_id,
        actor_id: Some(command.actor_id),
        reservation_id: Some(line.reservation_id),
        reason: None,
    }
}

fn short_line(line: &ReserveLine, available: i64) -> ShortLine {
    ShortLine { reservation_id: line.reservation_id, of: line.of, requested: line.quantity, available }
}

/// An alert when taking `units` has made the stock cross its threshold, and none when it was below already.
pub(crate) fn low_stock(now: &stock::Model, units: i64) -> Option<LowStock> {
    let (available, threshold) = (now.available(), now.low_stock_threshold);
    let crossed = available <= threshold && available + units > threshold;
    crossed.then_some(LowStock { stock_id: now.id, of: of(now), owner_id: now.owner_id, available })
}

async fn reservations_insert_in_txn(
    txn: &DatabaseTransaction,
    taken: &[(usize, &ReserveLine, stock::Model)],
) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let rows = taken.iter().map(|(_, line, stock)| reservation::ActiveModel {
        id: Set(line.reservation_id),
        stock_id: Set(stock.id),
        quantity: Set(line.quantity),
        returned: Set(0),
        status: Set(ReservationStatus::Open),
        created_at: NotSet,
        closed_at: NotSet,
    });
    let inserted = reservation::Entity::insert_many(rows).exec_without_returning(txn).await;
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if violated_constraint(&error) == Some("reservation_pkey") => {
            Err(Error::bad_input("lines.reservation_id", "it is in use"))
        }
        Err(error) => Err(error.into()),
    }
}
