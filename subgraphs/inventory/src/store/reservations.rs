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
    stocks::{of, stock_list_locked_in_txn},
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
    let reserved = lines_reserve_in_txn(txn, command).await?;
    operation_finish_in_txn(txn, command.operation_id, &reserved).await?;
    Ok(reserved)
}

/// Takes what each line wants, or nothing. The stocks are locked before it is decided, in the order of their ids, so that
/// two requests that want the same ones wait for one another instead of for ever.
async fn lines_reserve_in_txn(txn: &DatabaseTransaction, command: &Reserve) -> Result<Reserved> {
    let wanted: Vec<StockRef> = command.lines.iter().map(|line| line.of).collect();
    let stocks: HashMap<StockRef, stock::Model> =
        stock_list_locked_in_txn(txn, &wanted).await?.into_iter().map(|stock| (of(&stock), stock)).collect();
    let short = short_lines(&command.lines, &stocks);
    if !short.is_empty() {
        return Ok(Reserved { outcome: ReserveOutcome::Refused(short), low: Vec::new() });
    }

    let mut taken = Vec::with_capacity(command.lines.len());
    let mut low = Vec::new();
    for (line, stock) in command.lines.iter().filter_map(|line| Some((line, stocks.get(&line.of)?))) {
        let now = counters_change_in_txn(txn, change(command, line, stock.id)).await?;
        let now = now.ok_or_else(|| Error::broken("a locked stock has what it had"))?;
        low.extend(low_stock(&now, line.quantity));
        taken.push((line, now));
    }
    reservations_insert_in_txn(txn, &taken).await?;
    let mut lines = Vec::with_capacity(taken.len());
    for (line, stock) in &taken {
        let serials = if stock.requires_serials {
            serials_claim_in_txn(txn, stock.id, line.reservation_id, line.quantity).await?
        } else {
            Vec::new()
        };
        lines.push(ReservedLine { reservation_id: line.reservation_id, serials });
    }
    Ok(Reserved { outcome: ReserveOutcome::Reserved(lines), low })
}

/// The lines for which there is not enough, when each takes its units before the next one does.
fn short_lines(lines: &[ReserveLine], stocks: &HashMap<StockRef, stock::Model>) -> Vec<ShortLine> {
    let mut left: HashMap<StockRef, i64> = stocks.iter().map(|(of, stock)| (*of, stock.available())).collect();
    let mut short = Vec::new();
    for line in lines {
        match left.get_mut(&line.of) {
            Some(left) if *left >= line.quantity => *left -= line.quantity,
            left => short.push(ShortLine {
                reservation_id: line.reservation_id,
                of: line.of,
                requested: line.quantity,
                available: left.map_or(0, |left| *left),
            }),
        }
    }
    short
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

/// An alert when taking `units` has made the stock cross its threshold, and none when it was below already.
pub(crate) fn low_stock(now: &stock::Model, units: i64) -> Option<LowStock> {
    let (available, threshold) = (now.available(), now.low_stock_threshold);
    let crossed = available <= threshold && available + units > threshold;
    crossed.then_some(LowStock { stock_id: now.id, of: of(now), owner_id: now.owner_id, available })
}

async fn reservations_insert_in_txn(txn: &DatabaseTransaction, taken: &[(&ReserveLine, stock::Model)]) -> Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let rows = taken.iter().map(|(line, stock)| reservation::ActiveModel {
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
