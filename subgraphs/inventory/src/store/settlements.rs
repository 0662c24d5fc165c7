//! Ending reservations: back to sale, or sold.

use contracts::inventory::Settle;
use entities::inventory::{operation::Command, reservation, serial::SerialStatus, stock_history::StockChangeKind};
use sea_orm::{DatabaseConnection, DatabaseTransaction, EntityTrait, TransactionTrait, raw_sql};
use service_kit::{Error, Result};

use crate::store::{
    counters::{CounterChange, counters_change_in_txn},
    operations::{operation_begin_in_txn, operation_finish_in_txn},
    serials::serials_settle_in_txn,
};

/// How reservations end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The units go back to sale: `taken` falls.
    Release,
    /// The units are sold: `taken` and `stock` fall.
    Commit,
}

impl Settlement {
    fn command(self) -> Command {
        match self {
            Self::Release => Command::Release,
            Self::Commit => Command::Commit,
        }
    }

    fn kind(self) -> StockChangeKind {
        match self {
            Self::Release => StockChangeKind::Release,
            Self::Commit => StockChangeKind::Commit,
        }
    }

    fn reservation_status(self) -> reservation::ReservationStatus {
        match self {
            Self::Release => reservation::ReservationStatus::Released,
            Self::Commit => reservation::ReservationStatus::Committed,
        }
    }

    fn serial_status(self) -> SerialStatus {
        match self {
            Self::Release => SerialStatus::Available,
            Self::Commit => SerialStatus::Sold,
        }
    }
}

/// Ends the reservations that are still open, in one transaction. The others are left as they are.
pub async fn stock_settle(db: &DatabaseConnection, settlement: Settlement, command: &Settle) -> Result<()> {
    let txn = db.begin().await?;
    if operation_begin_in_txn::<()>(&txn, command.operation_id, settlement.command()).await?.is_some() {
        return Ok(());
    }
    let mut closed = reservations_close_in_txn(&txn, settlement, command).await?;
    closed.sort_by_key(|reservation| (reservation.stock_id, reservation.id));
    for reservation in &closed {
        let stock_delta = if settlement == Settlement::Commit { -reservation.quantity } else { 0 };
        let change = CounterChange {
            stock_id: reservation.stock_id,
            kind: settlement.kind(),
            stock_delta,
            taken_delta: -reservation.quantity,
            operation_id: command.operation_id,
            actor_id: command.actor_id,
            reservation_id: Some(reservation.id),
            reason: None,
        };
        counters_change_in_txn(&txn, change)
            .await?
            .ok_or_else(|| Error::broken("an open reservation holds more than its stock has taken"))?;
    }
    let ids: Vec<_> = closed.iter().map(|reservation| reservation.id).collect();
    serials_settle_in_txn(&txn, &ids, settlement.serial_status()).await?;
    operation_finish_in_txn(&txn, command.operation_id, &()).await?;
    txn.commit().await?;
    Ok(())
}

/// Closes those that are open, locking them in the order of their ids, and answers with them.
async fn reservations_close_in_txn(
    txn: &DatabaseTransaction,
    settlement: Settlement,
    command: &Settle,
) -> Result<Vec<reservation::Model>> {
    let status = settlement.reservation_status();
    let ids = command.reservation_ids.clone();
    let closed = reservation::Entity::find().from_raw_sql(raw_sql!(
        Postgres,
        r#"
        WITH open AS (
            SELECT id FROM inventory.reservation
            WHERE id = ANY({ids}) AND status = 'OPEN'
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE inventory.reservation SET status = {status}, closed_at = now()
        FROM open WHERE reservation.id = open.id
        RETURNING reservation.*
        "#
    ));
    Ok(closed.all(txn).await?)
}
