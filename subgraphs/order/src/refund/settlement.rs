//! The decision about the money of a refund: one transaction over the ledger, the items, the order and the refund.

use contracts::promotion::Part;
use entities::order::{OrderItemState, OrderStatus, RefundKind, RefundStatus, order_item, orders, refund};
use kernel::{AccountId, OrderItemId, portion};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use service_kit::Result;

use super::{
    news::News,
    store::{self, Locked},
};
use crate::{
    items::store::{Change, items_end_in_txn},
    ledger::{self, refunds::Reversal},
    orders as order_module,
    payment::amount,
};

/// Decides that the money goes back: from now on the refund is `PAYING`. The order, its items and the refund are locked.
///
/// The transport goes back with the refund that leaves the buyer with nothing. The platform gives back its share in
/// proportion to the goods.
pub(crate) async fn settle_in_txn(
    txn: &DatabaseTransaction,
    mut locked: Locked,
    actor: Option<AccountId>,
    note: Option<&str>,
) -> Result<News> {
    let goods_left = goods_left(txn, &locked).await?;
    items_count_in_txn(txn, &mut locked).await?;
    let is_whole = locked.items.iter().all(|item| item.refunded_quantity == item.quantity);
    let Locked { order, refund, .. } = &mut locked;
    if is_whole {
        refund.transport_minor = order.transport_cost_minor - order.transport_discount_minor;
    }
    let total_minor = refund.goods_minor + refund.transport_minor;
    orders::Entity::update_many()
        .col_expr(orders::Column::RefundedMinor, Expr::col(orders::Column::RefundedMinor).add(total_minor))
        .filter(orders::COLUMN.id.eq(order.id))
        .exec(txn)
        .await?;
    let fee_left = ledger::store::fee_of_order(txn, order.id).await?;
    let fee_minor = portion(fee_left, refund.goods_minor, goods_left);
    let reversal = reversal(refund, fee_minor)?;
    ledger::store::ledger_write_in_txn(txn, &reversal.decided()?).await?;

    let before = refund.status;
    refund.status = RefundStatus::Paying;
    let row = refund.clone();
    locked.refund = store::refund_change_in_txn(txn, before, row, actor, note).await?;
    let ended = end_in_txn(txn, &locked, is_whole, actor).await?;
    Ok(News { ended, parts: parts_of(&locked), ..locked.news()? })
}

/// The items of a refund of which some units are back and some are not.
pub(crate) fn parts_of(locked: &Locked) -> Vec<Part> {
    let is_part = |item: &&order_item::Model| {
        item.refunded_quantity < item.quantity && locked.lines.iter().any(|line| line.item_id == item.id)
    };
    let part = |item: &order_item::Model| Part {
        item_id: item.id,
        given_back: i64::from(item.refunded_quantity),
        quantity: i64::from(item.quantity),
    };
    locked.items.iter().filter(is_part).map(part).collect()
}

/// What the ledger is told of a refund.
pub(crate) fn reversal(refund: &refund::Model, fee_minor: i64) -> Result<Reversal> {
    Ok(Reversal {
        refund_id: refund.id,
        payment_id: refund.payment_id,
        order_id: refund.order_id,
        buyer_id: refund.buyer_id,
        seller_id: refund.seller_id,
        total: amount(refund.goods_minor + refund.transport_minor, &refund.currency)?,
        fee: amount(fee_minor, &refund.currency)?,
    })
}

/// What the buyer has paid for goods and not got back yet.
async fn goods_left(txn: &DatabaseTransaction, locked: &Locked) -> Result<i64> {
    let settled = store::refunds_of_orders(txn, &[locked.order.id]).await?;
    let settled = settled
        .iter()
        .filter(|refund| matches!(refund.status, RefundStatus::Paying | RefundStatus::Refunded))
        .map(|refund| refund.goods_minor);
    Ok(locked.order.product_cost_minor - locked.order.product_discount_minor - settled.sum::<i64>())
}

/// Counts the units of a refund as refunded, in the rows and in the items at hand.
async fn items_count_in_txn(txn: &DatabaseTransaction, locked: &mut Locked) -> Result<()> {
    for line in &locked.lines {
        order_item::Entity::update_many()
            .col_expr(
                order_item::Column::RefundedQuantity,
                Expr::col(order_item::Column::RefundedQuantity).add(line.quantity),
            )
            .filter(order_item::COLUMN.id.eq(line.item_id))
            .exec(txn)
            .await?;
        if let Some(item) = locked.items.iter_mut().find(|item| item.id == line.item_id) {
            item.refunded_quantity += line.quantity;
        }
    }
    Ok(())
}

/// Ends the items of which nothing is left, and the order when nothing is left of any. Answers with the items.
async fn end_in_txn(
    txn: &DatabaseTransaction,
    locked: &Locked,
    is_whole: bool,
    actor: Option<AccountId>,
) -> Result<Vec<OrderItemId>> {
    let is_ended = |item: &&order_item::Model| {
        item.refunded_quantity == item.quantity && locked.lines.iter().any(|line| line.item_id == item.id)
    };
    let ended: Vec<OrderItemId> = locked.items.iter().filter(is_ended).map(|item| item.id).collect();
    let (item_state, order_status) = match locked.refund.kind {
        RefundKind::Cancellation => (OrderItemState::Cancelled, OrderStatus::Cancelled),
        RefundKind::Return | RefundKind::Undelivered => (OrderItemState::Returned, OrderStatus::Returned),
    };
    let change = Change { to: item_state, actor, reason: None, order_id: None };
    items_end_in_txn(txn, &ended, &change).await?;
    if is_whole {
        let from = [OrderStatus::Paid, OrderStatus::PayableOnDelivery, OrderStatus::Shipping, OrderStatus::Delivered];
        order_module::store::order_transition_in_txn(txn, locked.order.id, &from, order_status, actor).await?;
    }
    Ok(ended)
}
