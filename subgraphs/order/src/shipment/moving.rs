//! Moving a parcel, and its order with it.

use entities::order::{OrderStatus, PaymentStatus, ShipmentStatus, shipment};
use kernel::{OrderId, Percent, RefundId, ShipmentId};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use super::store;
use crate::{
    orders,
    payment::{collection, store as payment_store},
    refund::undelivered,
};

/// What became of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moved {
    /// The parcel is there, now or since before.
    To {
        order_id: OrderId,
        status: ShipmentStatus,
        paid_at_the_door: bool,
        /// The refund of what had been paid, when the parcel is back with its sender.
        refund_id: Option<RefundId>,
    },
    /// The parcel is farther already, or its order was given up: it does not move.
    Stopped,
}

/// Where a clock moves a parcel next.
pub(crate) fn next(status: ShipmentStatus) -> Option<ShipmentStatus> {
    match status {
        ShipmentStatus::Created => Some(ShipmentStatus::PickedUp),
        ShipmentStatus::PickedUp => Some(ShipmentStatus::InTransit),
        ShipmentStatus::InTransit => Some(ShipmentStatus::Delivered),
        ShipmentStatus::Delivered | ShipmentStatus::Failed | ShipmentStatus::Returned => None,
    }
}

/// How far a parcel has come; it never goes back. A failed delivery may still be mended or end in a return.
pub(crate) fn distance(status: ShipmentStatus) -> u8 {
    match status {
        ShipmentStatus::Created => 0,
        ShipmentStatus::PickedUp => 1,
        ShipmentStatus::InTransit => 2,
        ShipmentStatus::Failed => 3,
        ShipmentStatus::Delivered | ShipmentStatus::Returned => 4,
    }
}

/// Moves a parcel to `to`, with its order: the carrier has it, so the order is shipping; the buyer has it, so the order
/// is delivered and money due at the door is there; its sender has it again, so the order is over and what was paid goes
/// back. Moving it again to where it is changes nothing.
pub(crate) async fn shipment_move(
    db: &DatabaseConnection,
    fee: Percent,
    shipment_id: ShipmentId,
    to: ShipmentStatus,
) -> Result<Moved> {
    let txn = db.begin().await?;
    let parcel = store::shipment_lock_in_txn(&txn, shipment_id).await?.ok_or(Error::NotFound("shipment"))?;
    let order_id = parcel.order_id;
    let due = payment_store::payment_open_of_order(&txn, order_id).await?;
    let payment = match &due {
        Some(due) => payment_store::payment_lock_in_txn(&txn, due.payment_id).await?,
        None => None,
    };
    let payment = payment.filter(|payment| payment.option_id == crate::providers::payment::cod::OPTION);
    let moved = |refund_id| Moved::To { order_id, status: to, paid_at_the_door: payment.is_some(), refund_id };
    if parcel.status == to {
        return Ok(moved(undelivered::refund_of_return(&txn, order_id).await?));
    }
    if distance(to) <= distance(parcel.status) {
        return Ok(Moved::Stopped);
    }
    let order = orders::store::orders_lock_in_txn(&txn, &[order_id]).await?.pop();
    let order = order.ok_or_else(|| Error::broken("a parcel has an order"))?;
    if order.status == OrderStatus::Cancelled {
        return Ok(Moved::Stopped);
    }
    if to == ShipmentStatus::Returned {
        shipment_record_in_txn(&txn, &parcel, to).await?;
        let returned = undelivered::order_return_in_txn(&txn, &order, due.as_ref()).await?;
        let Some(refund_id) = returned else { return Ok(Moved::Stopped) };
        txn.commit().await?;
        return Ok(moved(refund_id));
    }
    if matches!(to, ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Delivered) {
        let from = [OrderStatus::Paid, OrderStatus::PayableOnDelivery];
        orders::store::order_transition_in_txn(&txn, order_id, &from, OrderStatus::Shipping, None).await?;
    }
    shipment_record_in_txn(&txn, &parcel, to).await?;
    if to == ShipmentStatus::Delivered {
        let delivered = orders::store::order_transition_in_txn(
            &txn,
            order_id,
            &[OrderStatus::Shipping],
            OrderStatus::Delivered,
            None,
        )
        .await?;
        let Some(order) = delivered else { return Ok(Moved::Stopped) };
        if let Some(payment) = payment.as_ref().filter(|payment| payment.status == PaymentStatus::OnDelivery) {
            collection::collected_in_txn(&txn, payment.id, &order, fee).await?;
        }
    }
    txn.commit().await?;
    Ok(moved(None))
}

/// Records a move in the history of the parcel and of its order.
async fn shipment_record_in_txn(txn: &DatabaseTransaction, parcel: &shipment::Model, to: ShipmentStatus) -> Result<()> {
    shipment::Entity::update_many()
        .col_expr(shipment::Column::Status, Expr::value(to))
        .col_expr(shipment::Column::EventSeq, Expr::col(shipment::Column::EventSeq).add(1))
        .col_expr(shipment::Column::UpdatedAt, Expr::current_timestamp())
        .filter(shipment::COLUMN.id.eq(parcel.id))
        .exec(txn)
        .await?;
    store::event_insert_in_txn(txn, parcel.id, parcel.event_seq + 1, to).await?;
    orders::store::shipment_event_append_in_txn(txn, parcel.order_id, to).await?;
    Ok(())
}
