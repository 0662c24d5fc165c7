//! Units that come back: those of an order that was never sent, and those that a buyer had.

use contracts::inventory::{Arrive, TakeBack, TakeBackLine};
use entities::inventory::{
    operation::Command,
    reservation::{self, ReservationStatus},
    stock_history::StockChangeKind,
};
use kernel::{OperationId, ReservationId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait, raw_sql,
};
use service_kit::{Error, Result};

use crate::store::{
    counters::{CounterChange, counters_change_in_txn},
    operations::{operation_begin_in_txn, operation_finish_in_txn},
};

/// Marks sold serials as back with their seller, in one transaction. The counters stay: nobody has looked at the units.
pub async fn stock_arrive(db: &DatabaseConnection, command: &Arrive) -> Result<()> {
    let txn = db.begin().await?;
    if operation_begin_in_txn::<()>(&txn, command.operation_id, Command::Arrive).await?.is_some() {
        return Ok(());
    }
    for (reservation_id, serials) in &command.serials {
        let (reservation_id, serials) = (*reservation_id, serials.clone());
        txn.execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE inventory.serial SET status = 'RETURNED', updated_at = now()
               WHERE reservation_id = {reservation_id} AND serial = ANY({serials}) AND status = 'SOLD'"#
        ))
        .await?;
    }
    operation_finish_in_txn(&txn, command.operation_id, &()).await?;
    txn.commit().await?;
    Ok(())
}

/// Takes units of reservations back, in one transaction. A reservation that was released is left as it is: all of its units
/// are back.
///
/// # Errors
/// `BAD_USER_INPUT` when a reservation is not there, or has fewer units than come back.
pub async fn stock_take_back(db: &DatabaseConnection, command: &TakeBack) -> Result<()> {
    if command.lines.iter().any(|line| line.sellable < 0 || line.damaged < 0 || line.sellable + line.damaged < 1) {
        return Err(Error::bad_input("lines", "at least one unit comes back"));
    }
    let txn = db.begin().await?;
    if operation_begin_in_txn::<()>(&txn, command.operation_id, Command::TakeBack).await?.is_some() {
        return Ok(());
    }
    let mut lines: Vec<(reservation::Model, &TakeBackLine)> = Vec::with_capacity(command.lines.len());
    for reservation in reservations_lock_in_txn(&txn, command).await? {
        lines.extend(
            command.lines.iter().find(|line| line.reservation_id == reservation.id).map(|line| (reservation, line)),
        );
    }
    if lines.len() != command.lines.len() {
        return Err(Error::bad_input("lines.reservation_id", "each names one reservation, once"));
    }
    // Reservations are locked by id, stocks by id after them, as everywhere.
    lines.sort_by_key(|(reservation, _)| (reservation.stock_id, reservation.id));
    for (reservation, line) in &lines {
        match reservation.status {
            ReservationStatus::Open => unsold_take_back_in_txn(&txn, command, reservation, line).await?,
            ReservationStatus::Committed => sold_take_back_in_txn(&txn, command, reservation, line).await?,
            // Its units are back already.
            ReservationStatus::Released => {}
        }
    }
    operation_finish_in_txn(&txn, command.operation_id, &()).await?;
    txn.commit().await?;
    Ok(())
}

async fn reservations_lock_in_txn(txn: &DatabaseTransaction, command: &TakeBack) -> Result<Vec<reservation::Model>> {
    let ids: Vec<ReservationId> = command.lines.iter().map(|line| line.reservation_id).collect();
    let rows = reservation::Entity::find()
        .filter(reservation::Column::Id.is_in(ids))
        .order_by_asc(reservation::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    Ok(rows)
}

/// Frees units that are still reserved: the reservation shrinks, or ends with its last unit.
async fn unsold_take_back_in_txn(
    txn: &DatabaseTransaction,
    command: &TakeBack,
    reservation: &reservation::Model,
    line: &TakeBackLine,
) -> Result<()> {
    let units = line.sellable + line.damaged;
    if units > reservation.quantity {
        return Err(Error::bad_input("lines.sellable", "the reservation holds fewer units"));
    }
    let change = change(command.operation_id, command, reservation, (StockChangeKind::Release, 0, -units));
    apply(txn, change).await?;
    let (id, is_whole) = (reservation.id, units == reservation.quantity);
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE inventory.reservation
           SET quantity = CASE WHEN {is_whole} THEN quantity ELSE quantity - {units} END,
               status = CASE WHEN {is_whole} THEN 'RELEASED' ELSE status END,
               closed_at = CASE WHEN {is_whole} THEN now() ELSE closed_at END
           WHERE id = {id}"#
    ))
    .await?;
    let serials = [line.sellable_serials.clone(), line.damaged_serials.clone()].concat();
    serials_move_in_txn(txn, reservation.id, &serials, "AVAILABLE").await
}

/// Takes back units that a buyer had. What is damaged comes back and is written off: two rows of the history, each a
/// command of its own, since one command changes one stock once for each reservation.
async fn sold_take_back_in_txn(
    txn: &DatabaseTransaction,
    command: &TakeBack,
    reservation: &reservation::Model,
    line: &TakeBackLine,
) -> Result<()> {
    let units = line.sellable + line.damaged;
    if reservation.returned + units > reservation.quantity {
        return Err(Error::bad_input("lines.sellable", "fewer units were sold by the reservation"));
    }
    apply(txn, change(command.operation_id, command, reservation, (StockChangeKind::Return, units, 0))).await?;
    if line.damaged > 0 {
        let operation_id = command.operation_id.child(format!("damage/{}", reservation.id));
        if operation_begin_in_txn::<()>(txn, operation_id, Command::TakeBack).await?.is_none() {
            let write_off = (StockChangeKind::Damage, -line.damaged, 0);
            apply(txn, change(operation_id, command, reservation, write_off)).await?;
            operation_finish_in_txn(txn, operation_id, &()).await?;
        }
    }
    let id = reservation.id;
    txn.execute_raw(raw_sql!(
        Postgres,
        r#"UPDATE inventory.reservation SET returned = returned + {units} WHERE id = {id}"#
    ))
    .await?;
    serials_move_in_txn(txn, reservation.id, &line.sellable_serials, "AVAILABLE").await?;
    serials_move_in_txn(txn, reservation.id, &line.damaged_serials, "DAMAGED").await
}

fn change(
    operation_id: OperationId,
    command: &TakeBack,
    reservation: &reservation::Model,
    (kind, stock_delta, taken_delta): (StockChangeKind, i64, i64),
) -> CounterChange {
    CounterChange {
        stock_id: reservation.stock_id,
        kind,
        stock_delta,
        taken_delta,
        operation_id,
        actor_id: command.actor_id,
        reservation_id: Some(reservation.id),
        reason: None,
    }
}

async fn apply(txn: &DatabaseTransaction, change: CounterChange) -> Result<()> {
    let changed = counters_change_in_txn(txn, change).await?;
    changed.map(drop).ok_or_else(|| Error::broken("what comes back fits the counters of its stock"))
}

/// Moves serials of a reservation. A damaged one keeps the reservation by which it was sold.
///
/// # Errors
/// `BAD_USER_INPUT` when not all of them belong to the reservation and are out.
async fn serials_move_in_txn(
    txn: &DatabaseTransaction,
    reservation_id: ReservationId,
    serials: &[String],
    status: &str,
) -> Result<()> {
    if serials.is_empty() {
        return Ok(());
    }
    let named = serials.to_vec();
    let moved = txn
        .execute_raw(raw_sql!(
            Postgres,
            r#"UPDATE inventory.serial
               SET status = {status}, updated_at = now(),
                   reservation_id = CASE WHEN {status}::text = 'AVAILABLE' THEN NULL ELSE reservation_id END
               WHERE reservation_id = {reservation_id} AND serial = ANY({named})
                   AND status IN ('RESERVED', 'SOLD', 'RETURNED')"#
        ))
        .await?;
    if usize::try_from(moved.rows_affected()) == Ok(serials.len()) {
        Ok(())
    } else {
        Err(Error::bad_input("lines.sellable_serials", "each is out by the reservation, and named once"))
    }
}
