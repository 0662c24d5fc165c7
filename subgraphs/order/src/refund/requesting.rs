//! Asking for a refund, and changing what was asked for.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::order::{OrderStatus, RefundKind, RefundStatus, order_item, orders, payment_order, refund};
use kernel::{OrderId, OrderItemId, RefundId};
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use serde::{Deserialize, Serialize};
use service_kit::{Error, Result};

use super::{
    Rules,
    command::{Answer, EditRefund, RequestRefund},
    selection,
    store::{self, Claim, LIVE, Locked},
};
use crate::{
    error::{ErrorCode, Refusal},
    operations, orders as order_module,
    payment::store as payment_store,
};

/// What is drawn before a refund is asked for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) refund_id: RefundId,
    pub(crate) now: DateTime<Utc>,
}

/// The first answer of the operation, if it has been given, or what a new refund begins with.
pub(crate) async fn request_begin(db: &DatabaseConnection, request: &RequestRefund) -> Result<Result<Draft, Answer>> {
    Ok(match operations::answer_fetch(db, request.operation_id).await? {
        Some(answer) => Err(answer),
        None => Ok(Draft { refund_id: RefundId::new(), now: Utc::now() }),
    })
}

/// Asks for a refund, or says why not. The same operation again gives the first answer.
pub(crate) async fn refund_request(
    db: &DatabaseConnection,
    rules: &Rules,
    draft: &Draft,
    request: &RequestRefund,
) -> Result<Answer> {
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, request.operation_id).await? {
        return Ok(first);
    }
    let answer = match request_check_in_txn(&txn, rules, draft, request).await? {
        Ok(row) => Answer::Done(Box::new(row.news()?)),
        Err(refusals) => Answer::Refused(refusals),
    };
    operations::answer_insert(&txn, request.operation_id, request.buyer_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

async fn request_check_in_txn(
    txn: &DatabaseTransaction,
    rules: &Rules,
    draft: &Draft,
    request: &RequestRefund,
) -> Result<Result<Locked, Vec<Refusal>>> {
    let order = order_module::store::orders_lock_in_txn(txn, &[request.order_id]).await?.pop();
    let Some(order) = order.filter(|order| order.buyer_id == request.buyer_id) else {
        let refusal = Refusal::at("orderId", ErrorCode::OrderNotFound, "You have no such order.");
        return Ok(Err(vec![refusal]));
    };
    let paid = payment_store::payment_open_of_order(txn, order.id).await?.filter(|part| part.settled_at.is_some());
    let payment = match refundable(rules, draft.now, &order, paid) {
        Ok(payment) => payment,
        Err(refusal) => return Ok(Err(vec![refusal])),
    };
    let mut items = store::items_lock_in_txn(txn, order.id).await?;
    let taken = serials_taken(txn, order.id, None).await?;
    let lines = match selection::lines_of(draft.refund_id, &request.wishes, &items, &taken) {
        Ok(lines) => lines,
        Err(refusals) => return Ok(Err(refusals)),
    };
    let row = refund::Model {
        id: draft.refund_id,
        order_id: order.id,
        payment_id: payment.payment_id,
        buyer_id: order.buyer_id,
        seller_id: order.seller_id,
        kind: RefundKind::Return,
        status: RefundStatus::Pending,
        method: request.method,
        reason: request.reason.clone(),
        currency: order.currency.clone(),
        goods_minor: lines.iter().map(|line| line.amount_minor).sum(),
        transport_minor: 0,
        paid_via: None,
        attempts: 0,
        sent_attempt: None,
        note: None,
        deadline_at: store::later(draft.now, rules.answer),
        dispute_until: None,
        inspected_at: None,
        event_seq: 1,
        created_at: draft.now,
        updated_at: draft.now,
    };
    let refund = store::refund_insert_in_txn(txn, row, &lines, Some(order.buyer_id)).await?;
    items.retain(|item| lines.iter().any(|line| line.item_id == item.id));
    Ok(Ok(Locked { order, items, refund, lines }))
}

/// The payment that took the money of an order that can be refunded now.
fn refundable(
    rules: &Rules,
    now: DateTime<Utc>,
    order: &orders::Model,
    paid: Option<payment_order::Model>,
) -> Result<payment_order::Model, Refusal> {
    let message = match order.status {
        OrderStatus::Paid | OrderStatus::Delivered if paid.is_none() => "Nothing has been paid for this order.",
        OrderStatus::Delivered if store::later(order.updated_at, rules.window) < now => {
            let message = "The time for refunds of this order is over.";
            return Err(Refusal::at("orderId", ErrorCode::RefundWindowOver, message));
        }
        OrderStatus::Paid | OrderStatus::Delivered => match paid {
            Some(paid) => return Ok(paid),
            None => "Nothing has been paid for this order.",
        },
        OrderStatus::Confirmed | OrderStatus::PayableOnDelivery => "The order is not paid: cancel it instead.",
        OrderStatus::Shipping => "The parcel is on its way: ask for a refund when it has arrived.",
        OrderStatus::Cancelled | OrderStatus::Returned => "The order is over.",
    };
    Err(Refusal::at("orderId", ErrorCode::OrderNotRefundable, message))
}

/// The serials of an order that refunds claim, other than those of `except`.
pub(crate) async fn serials_taken(
    txn: &DatabaseTransaction,
    order_id: OrderId,
    except: Option<RefundId>,
) -> Result<HashMap<OrderItemId, HashSet<String>>> {
    let refunds = store::refunds_of_orders(txn, &[order_id]).await?;
    let live: Vec<RefundId> = refunds
        .iter()
        .filter(|refund| LIVE.contains(&refund.status) && Some(refund.id) != except)
        .map(|refund| refund.id)
        .collect();
    let mut taken: HashMap<_, HashSet<_>> = HashMap::new();
    for line in store::lines_of_refunds(txn, &live).await? {
        taken.entry(line.item_id).or_default().extend(line.serials);
    }
    Ok(taken)
}

/// Whether a refund is pending and the buyer's who wants to change it.
pub(crate) async fn is_editable(db: &DatabaseConnection, edit: &EditRefund) -> Result<bool> {
    let found = store::refunds_fetch(db, &[edit.refund_id]).await?.pop();
    Ok(found.is_some_and(|refund| refund.buyer_id == edit.buyer_id && refund.status == RefundStatus::Pending))
}

/// Changes a refund that is pending, or says why not. The same operation again gives the first answer.
pub(crate) async fn refund_edit(db: &DatabaseConnection, edit: &EditRefund) -> Result<Answer> {
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, edit.operation_id).await? {
        return Ok(first);
    }
    let answer = match store::refund_lock_in_txn(&txn, edit.refund_id).await? {
        Some(locked) if locked.refund.buyer_id == edit.buyer_id => refund_edit_in_txn(&txn, edit, locked).await?,
        _ => Answer::not_found(),
    };
    operations::answer_insert(&txn, edit.operation_id, edit.buyer_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

async fn refund_edit_in_txn(txn: &DatabaseTransaction, edit: &EditRefund, mut locked: Locked) -> Result<Answer> {
    if locked.refund.status != RefundStatus::Pending {
        let message = "The refund is not pending any more.";
        return Ok(Answer::refused("refundId", ErrorCode::RefundNotPending, message));
    }
    if let Some(wishes) = &edit.wishes {
        free(&mut locked.items, &locked.lines);
        let taken = serials_taken(txn, locked.order.id, Some(edit.refund_id)).await?;
        let lines = match selection::lines_of(edit.refund_id, wishes, &locked.items, &taken) {
            Ok(lines) => lines,
            Err(refusals) => return Ok(Answer::Refused(refusals)),
        };
        store::lines_claim_in_txn(txn, &locked.lines, Claim::Free).await?;
        store::lines_delete_in_txn(txn, edit.refund_id).await?;
        store::lines_insert_in_txn(txn, &lines).await?;
        store::lines_claim_in_txn(txn, &lines, Claim::Hold).await?;
        locked.refund.goods_minor = lines.iter().map(|line| line.amount_minor).sum();
        locked.lines = lines;
    }
    if let Some(reason) = &edit.reason {
        locked.refund.reason.clone_from(reason);
    }
    locked.refund.method = edit.method.unwrap_or(locked.refund.method);
    let (before, row) = (locked.refund.status, locked.refund.clone());
    locked.refund = store::refund_change_in_txn(txn, before, row, Some(edit.buyer_id), None).await?;
    Ok(Answer::Done(Box::new(locked.news()?)))
}

/// The items as they would be without the claim of a refund.
fn free(items: &mut [order_item::Model], lines: &[entities::order::refund_item::Model]) {
    for line in lines {
        if let Some(item) = items.iter_mut().find(|item| item.id == line.item_id) {
            item.held_quantity -= line.quantity;
            item.held_minor -= line.amount_minor;
        }
    }
}

/// Claims the units of a declined refund again, for its dispute: another refund may have claimed them since, and what
/// they are worth is counted anew.
pub(crate) async fn claim_again_in_txn(
    txn: &DatabaseTransaction,
    locked: &mut Locked,
) -> Result<Result<(), Vec<Refusal>>> {
    let wishes: Vec<super::command::Wish> = locked
        .lines
        .iter()
        .map(|line| super::command::Wish {
            item_id: line.item_id,
            quantity: line.quantity,
            serials: line.serials.clone(),
        })
        .collect();
    let taken = serials_taken(txn, locked.order.id, Some(locked.refund.id)).await?;
    let lines = match selection::lines_of(locked.refund.id, &wishes, &locked.items, &taken) {
        Ok(lines) => lines,
        Err(refusals) => return Ok(Err(refusals)),
    };
    for line in &lines {
        store::line_update_in_txn(txn, line).await?;
    }
    store::lines_claim_in_txn(txn, &lines, Claim::Hold).await?;
    locked.refund.goods_minor = lines.iter().map(|line| line.amount_minor).sum();
    if lines.is_empty() {
        return Err(Error::broken("a refund is about something"));
    }
    locked.lines = lines;
    Ok(Ok(()))
}
