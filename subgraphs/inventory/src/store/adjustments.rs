//! Correcting the number of units.

use entities::inventory::{operation::Command, stock, stock_history::StockChangeKind};
use kernel::{AccountId, OperationId};
use sea_orm::{DatabaseConnection, DatabaseTransaction, EntityTrait, TransactionTrait};
use serde::{Deserialize, Serialize};
use service_kit::Result;

use crate::store::{
    counters::{CounterChange, counters_change_in_txn},
    operations::{operation_begin_in_txn, operation_finish_in_txn},
    reservations::{LowStock, low_stock},
    serials::serials_damage_in_txn,
};

/// A correction of one stock.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Identity of the command.
    pub operation_id: OperationId,
    /// Who corrects.
    pub actor_id: AccountId,
    /// Signed number of units; below zero for a stock that requires serials.
    pub delta: i64,
    /// Why.
    pub reason: String,
    /// The units that are taken out, for a stock that requires serials: as many as `delta` says.
    pub serials: Vec<String>,
}

/// What came of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustOutcome {
    /// It is done.
    Adjusted,
    /// It is done, and has brought the stock down to its threshold: the seller is to be told.
    AdjustedLow(LowStock),
    /// So many units are not free: reserved ones cannot be taken out.
    BelowTaken {
        /// How many are.
        available: i64,
    },
    /// Not all of the serials named are free units of this stock.
    SerialsNotAvailable,
}

/// Corrects the number of units of a stock, in one transaction. The caller has checked that the stock is the actor's.
pub async fn stock_adjust(
    db: &DatabaseConnection,
    stock: &stock::Model,
    adjustment: &Adjustment,
) -> Result<AdjustOutcome> {
    let txn = db.begin().await?;
    if let Some(first) = operation_begin_in_txn(&txn, adjustment.operation_id, Command::Adjust).await? {
        return Ok(first);
    }
    let attempt = txn.begin().await?;
    let outcome = units_adjust_in_txn(&attempt, stock, adjustment).await?;
    if matches!(outcome, AdjustOutcome::Adjusted | AdjustOutcome::AdjustedLow(_)) {
        attempt.commit().await?;
    } else {
        attempt.rollback().await?;
    }
    operation_finish_in_txn(&txn, adjustment.operation_id, &outcome).await?;
    txn.commit().await?;
    Ok(outcome)
}

async fn units_adjust_in_txn(
    txn: &DatabaseTransaction,
    stock: &stock::Model,
    adjustment: &Adjustment,
) -> Result<AdjustOutcome> {
    let change = CounterChange {
        stock_id: stock.id,
        kind: StockChangeKind::Adjust,
        stock_delta: adjustment.delta,
        taken_delta: 0,
        operation_id: adjustment.operation_id,
        actor_id: Some(adjustment.actor_id),
        reservation_id: None,
        reason: Some(adjustment.reason.clone()),
    };
    let Some(now) = counters_change_in_txn(txn, change).await? else {
        let now = stock::Entity::find_by_id(stock.id).one(txn).await?;
        return Ok(AdjustOutcome::BelowTaken { available: now.map_or(0, |now| now.available()) });
    };
    let damaged = serials_damage_in_txn(txn, stock.id, &adjustment.serials).await?;
    let all = usize::try_from(damaged) == Ok(adjustment.serials.len());
    Ok(match low_stock(&now, -adjustment.delta) {
        _ if !all => AdjustOutcome::SerialsNotAvailable,
        Some(low) => AdjustOutcome::AdjustedLow(low),
        None => AdjustOutcome::Adjusted,
    })
}

/// The correction of one stock among several.
#[derive(Debug, Clone)]
pub struct BulkLine {
    /// The stock, which requires no serials.
    pub stock: stock::Model,
    /// Signed number of units.
    pub delta: i64,
}

/// What came of a correction of several stocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// All of them are done. Those that are down to their threshold now: their seller is to be told.
    Adjusted(Vec<LowStock>),
    /// Nothing is done, because so many units are not free.
    BelowTaken(Vec<Short>),
}

/// A stock of which fewer units are free than were to be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    /// The place of the line.
    pub line: usize,
    /// How many units are free.
    pub available: i64,
}

/// Corrects several stocks in one transaction: all of them or none. The caller has checked that they are the actor's.
pub async fn stocks_adjust(
    db: &DatabaseConnection,
    operation_id: OperationId,
    actor_id: AccountId,
    lines: &[BulkLine],
    reason: &str,
) -> Result<BulkOutcome> {
    let txn = db.begin().await?;
    if let Some(first) = operation_begin_in_txn(&txn, operation_id, Command::Adjust).await? {
        return Ok(first);
    }
    let attempt = txn.begin().await?;
    let (mut low, mut short) = (Vec::new(), Vec::new());
    // In the order of the stocks, as reservations take them, so that nobody waits in a circle.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_unstable_by_key(|line| lines[*line].stock.id);
    for line in order {
        let BulkLine { stock, delta } = &lines[line];
        let (reason, serials) = (reason.to_owned(), Vec::new());
        let adjustment = Adjustment { operation_id, actor_id, delta: *delta, reason, serials };
        match units_adjust_in_txn(&attempt, stock, &adjustment).await? {
            AdjustOutcome::AdjustedLow(stock) => low.push(stock),
            AdjustOutcome::BelowTaken { available } => short.push(Short { line, available }),
            AdjustOutcome::Adjusted | AdjustOutcome::SerialsNotAvailable => {}
        }
    }
    let outcome = if short.is_empty() {
        attempt.commit().await?;
        BulkOutcome::Adjusted(low)
    } else {
        attempt.rollback().await?;
        BulkOutcome::BelowTaken(short)
    };
    operation_finish_in_txn(&txn, operation_id, &outcome).await?;
    txn.commit().await?;
    Ok(outcome)
}
