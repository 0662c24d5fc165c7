//! A parcel that came back to its sender: the order is over, and the money goes back.

use chrono::Utc;
use entities::order::{
    OrderStatus, RefundKind, RefundStatus, ReturnMethod, order_item, orders, payment_order, refund, refund_item,
};
use kernel::{OrderId, RefundId};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use service_kit::Result;

use super::{
    settlement,
    store::{self, Claim, Locked},
};
use crate::{orders as order_module, payment::cancellation};

/// The statuses from which an order comes back to its sender.
const SENT: [OrderStatus; 3] = [OrderStatus::Paid, OrderStatus::PayableOnDelivery, OrderStatus::Shipping];

/// Returns a locked order whose parcel is back with its seller. Money that was paid for it becomes a refund of all that
/// is left, transport included; money that the carrier should have collected is not due any more. Refunds that were
/// under way are closed. `None` when the order is not on its way.
pub(crate) async fn order_return_in_txn(
    txn: &DatabaseTransaction,
    order: &orders::Model,
    due: Option<&payment_order::Model>,
) -> Result<Option<Option<RefundId>>> {
    if !SENT.contains(&order.status) {
        return Ok(None);
    }
    store::items_lock_in_txn(txn, order.id).await?;
    refunds_close_in_txn(txn, order.id).await?;
    let refund_id = match due {
        Some(due) if due.settled_at.is_some() => rest_refund_in_txn(txn, order, due).await?,
        Some(due) => {
            cancellation::payment_leave_in_txn(txn, due).await?;
            None
        }
        None => None,
    };
    // A refund of all that is left has returned the order already.
    order_module::store::order_transition_in_txn(txn, order.id, &SENT, OrderStatus::Returned, None).await?;
    Ok(Some(refund_id))
}

/// The refund that an order's return had made, if it had made one.
pub(crate) async fn refund_of_return(db: &impl ConnectionTrait, order_id: OrderId) -> Result<Option<RefundId>> {
    let found = refund::Entity::find()
        .filter(refund::COLUMN.order_id.eq(order_id))
        .filter(refund::Column::Kind.eq(RefundKind::Undelivered))
        .one(db)
        .await?;
    Ok(found.map(|refund| refund.id))
}

/// Closes refunds that have not come to the money: the return of the parcel refunds it all.
async fn refunds_close_in_txn(txn: &DatabaseTransaction, order_id: OrderId) -> Result<()> {
    let under_way = [RefundStatus::Pending, RefundStatus::Accepted, RefundStatus::Disputed];
    let found = refund::Entity::find()
        .filter(refund::COLUMN.order_id.eq(order_id))
        .filter(refund::Column::Status.is_in(under_way))
        .lock_exclusive()
        .all(txn)
        .await?;
    for row in found {
        let lines = store::lines_of_refunds(txn, &[row.id]).await?;
        store::lines_claim_in_txn(txn, &lines, Claim::Free).await?;
        let before = row.status;
        let row = refund::Model { status: RefundStatus::Closed, ..row };
        store::refund_change_in_txn(txn, before, row, None, Some("The parcel came back.")).await?;
    }
    Ok(())
}

/// Refunds whatever is left of an order. `None` when nothing is.
async fn rest_refund_in_txn(
    txn: &DatabaseTransaction,
    order: &orders::Model,
    paid: &payment_order::Model,
) -> Result<Option<RefundId>> {
    let items = store::items_lock_in_txn(txn, order.id).await?;
    let refund_id = RefundId::new();
    let lines: Vec<refund_item::Model> = items.iter().filter_map(|item| rest_of(refund_id, item)).collect();
    if lines.is_empty() {
        return Ok(None);
    }
    let now = Utc::now();
    let row = refund::Model {
        id: refund_id,
        order_id: order.id,
        payment_id: paid.payment_id,
        buyer_id: order.buyer_id,
        seller_id: order.seller_id,
        kind: RefundKind::Undelivered,
        status: RefundStatus::Accepted,
        method: ReturnMethod::PickUp,
        reason: "The parcel could not be delivered and is back with its sender.".to_owned(),
        currency: order.currency.clone(),
        goods_minor: lines.iter().map(|line| line.amount_minor).sum(),
        transport_minor: 0,
        paid_via: None,
        attempts: 0,
        sent_attempt: None,
        note: None,
        deadline_at: now,
        dispute_until: None,
        inspected_at: None,
        event_seq: 1,
        created_at: now,
        updated_at: now,
    };
    let refund = store::refund_insert_in_txn(txn, row, &lines, None).await?;
    let order = order.clone();
    settlement::settle_in_txn(txn, Locked { order, items, refund, lines }, None, None).await?;
    Ok(Some(refund_id))
}

fn rest_of(refund_id: RefundId, item: &order_item::Model) -> Option<refund_item::Model> {
    let quantity = item.quantity - item.held_quantity;
    (quantity > 0).then(|| refund_item::Model {
        refund_id,
        item_id: item.id,
        quantity,
        amount_minor: item.paid_amount_minor - item.held_minor,
        serials: Vec::new(),
        sellable: None,
        damaged: None,
        damaged_serials: Vec::new(),
    })
}
