//! Cancelling an order that has not been paid.

use entities::order::{OrderStatus, PaymentEventKind, PaymentStatus, payment, payment_order};
use kernel::{AccountId, OperationId, OrderId, OrderItemId, ProductId};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::Result;

use super::{event, store};
use crate::{items, operations, orders};

/// What a buyer asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CancelOrder {
    pub(crate) operation_id: OperationId,
    pub(crate) buyer_id: AccountId,
    pub(crate) order_id: OrderId,
}

/// What the buyer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CancelAnswer {
    Cancelled(Cancelled),
    /// The buyer has no such order.
    NotFound,
    /// It is paid, on its way, or over.
    TooLate,
}

/// An order that has been cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cancelled {
    pub(crate) order_id: OrderId,
    pub(crate) seller_id: AccountId,
    /// What it held, whose stock is to be released.
    pub(crate) items: Vec<(OrderItemId, ProductId)>,
}

/// The statuses in which nothing has been paid and nothing has left.
const UNPAID: [OrderStatus; 2] = [OrderStatus::Confirmed, OrderStatus::PayableOnDelivery];

/// Cancels an order, or says why not. A payment that waits for its money is given up with it: what still comes is
/// credited. The same operation again gives the first answer.
pub(crate) async fn order_cancel(db: &DatabaseConnection, cancel: &CancelOrder) -> Result<CancelAnswer> {
    loop {
        if let Some(answer) = order_cancel_once(db, cancel).await? {
            return Ok(answer);
        }
    }
}

/// `None` when the order came into another payment between reading and locking it: to be tried again.
async fn order_cancel_once(db: &DatabaseConnection, cancel: &CancelOrder) -> Result<Option<CancelAnswer>> {
    let CancelOrder { operation_id, buyer_id, order_id } = *cancel;
    let txn = db.begin().await?;
    if let Some(answer) = operations::answer_fetch(&txn, operation_id).await? {
        return Ok(Some(answer));
    }
    // The payment is locked before the order, as everywhere.
    let open = store::payment_open_of_order(&txn, order_id).await?;
    if let Some(open) = &open {
        store::payment_lock_in_txn(&txn, open.payment_id).await?;
    }
    let order = orders::store::orders_lock_in_txn(&txn, &[order_id]).await?.pop();
    let Some(order) = order.filter(|order| order.buyer_id == buyer_id) else { return Ok(Some(CancelAnswer::NotFound)) };
    if store::payment_open_of_order(&txn, order_id).await? != open {
        return Ok(None);
    }
    let cancelled =
        orders::store::order_transition_in_txn(&txn, order_id, &UNPAID, OrderStatus::Cancelled, Some(buyer_id)).await?;
    let answer = if cancelled.is_some() {
        if let Some(open) = open {
            payment_leave_in_txn(&txn, &open).await?;
        }
        let items = items::store::items_of_orders(&txn, &[order_id]).await?;
        CancelAnswer::Cancelled(Cancelled {
            order_id,
            seller_id: order.seller_id,
            items: items.iter().map(|item| (item.id, item.product_id)).collect(),
        })
    } else {
        CancelAnswer::TooLate
    };
    operations::answer_insert(&txn, operation_id, buyer_id, &answer).await?;
    txn.commit().await?;
    Ok(Some(answer))
}

/// Takes a cancelled order out of its payment. An online payment is given up as a whole, since its page asks for the
/// whole amount; what a carrier collects is reduced.
pub(crate) async fn payment_leave_in_txn(txn: &DatabaseTransaction, part: &payment_order::Model) -> Result<()> {
    let payment = store::payment_lock_in_txn(txn, part.payment_id).await?;
    let detail = json!({"orderId": part.order_id});
    event::append_in_txn(txn, part.payment_id, PaymentEventKind::OrderCancelled, detail).await?;
    if payment.is_some_and(|payment| payment.status == PaymentStatus::Pending) {
        return store::payment_give_up_in_txn(txn, part.payment_id, PaymentStatus::Failed).await;
    }
    payment_order::Entity::update_many()
        .col_expr(payment_order::Column::Open, Expr::value(false))
        .filter(payment_order::COLUMN.payment_id.eq(part.payment_id))
        .filter(payment_order::COLUMN.order_id.eq(part.order_id))
        .exec(txn)
        .await?;
    payment::Entity::update_many()
        .col_expr(payment::Column::AmountMinor, Expr::col(payment::Column::AmountMinor).sub(part.amount_minor))
        .filter(payment::COLUMN.id.eq(part.payment_id))
        .exec(txn)
        .await?;
    super::collection::payment_close_if_settled_in_txn(txn, part.payment_id).await
}
