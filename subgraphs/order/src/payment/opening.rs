//! Opening a payment: all of its orders, or a refusal that names what is in the way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::order::{
    OrderStatus, PaymentEventKind, PaymentStatus, orders::Model as OrderRow, payment, payment_order,
};
use kernel::{AccountId, Money, MoneyError, OperationId, OrderId, PaymentId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::Result;

use super::{amount, event, store};
use crate::{
    error::{ErrorCode, Refusal},
    operations, orders,
    providers::payment::{PaymentProviders, PaymentRequest, PaymentStart},
};

/// The most orders that one payment pays.
pub(crate) const ORDERS_MAX: usize = 50;

/// What a buyer asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pay {
    pub(crate) operation_id: OperationId,
    pub(crate) buyer_id: AccountId,
    pub(crate) order_ids: Vec<OrderId>,
    pub(crate) option_id: String,
}

/// What the buyer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayAnswer {
    Opened(Opened),
    Refused(Refusal),
}

/// A payment that has been opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Opened {
    pub(crate) payment_id: PaymentId,
    pub(crate) order_ids: Vec<OrderId>,
    /// Until when it can be paid; `None` when the carrier collects it, or nothing is due.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Whether its orders are paid already, because they cost nothing.
    #[serde(default)]
    pub(crate) is_settled: bool,
}

/// Opens a payment, or refuses it. The same operation again gives the first answer.
pub(crate) async fn payment_open(
    db: &DatabaseConnection,
    providers: &PaymentProviders,
    expiry: Duration,
    pay: &Pay,
) -> Result<PayAnswer> {
    let txn = db.begin().await?;
    if let Some(answer) = operations::answer_fetch(&txn, pay.operation_id).await? {
        return Ok(answer);
    }
    let answer = match payment_check_in_txn(&txn, providers, pay).await? {
        Ok((orders, total)) => {
            PayAnswer::Opened(payment_insert_in_txn(&txn, providers, expiry, pay, orders, total).await?)
        }
        Err(refusal) => PayAnswer::Refused(refusal),
    };
    operations::answer_insert(&txn, pay.operation_id, pay.buyer_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

/// Refuses to open a payment by a way that is switched off. The same operation again gives the first answer, also when
/// the way was on then.
pub(crate) async fn payment_refuse_disabled(db: &DatabaseConnection, pay: &Pay) -> Result<PayAnswer> {
    let txn = db.begin().await?;
    if let Some(answer) = operations::answer_fetch(&txn, pay.operation_id).await? {
        return Ok(answer);
    }
    let message = "This way to pay is not offered at the moment. Choose another.";
    let answer = PayAnswer::Refused(Refusal::at("method", ErrorCode::PaymentMethodDisabled, message));
    operations::answer_insert(&txn, pay.operation_id, pay.buyer_id, &answer).await?;
    txn.commit().await?;
    Ok(answer)
}

/// Locks the orders and says what they cost together, or why they cannot be paid together.
async fn payment_check_in_txn(
    txn: &DatabaseTransaction,
    providers: &PaymentProviders,
    pay: &Pay,
) -> Result<Result<(Vec<OrderRow>, Money), Refusal>> {
    let Some(provider) = providers.get(&pay.option_id) else {
        let message = format!("Nobody offers `{}`.", pay.option_id.escape_debug());
        return Ok(Err(Refusal::at("method", ErrorCode::PaymentMethodUnknown, message)));
    };
    let orders = orders::store::orders_lock_in_txn(txn, &pay.order_ids).await?;
    let taken = payment_order::Entity::find()
        .filter(payment_order::COLUMN.order_id.eq_any(pay.order_ids.clone()))
        .filter(payment_order::Column::Open.eq(true))
        .all(txn)
        .await?;
    for (position, order_id) in pay.order_ids.iter().enumerate() {
        let order = orders.iter().find(|order| order.id == *order_id && order.buyer_id == pay.buyer_id);
        let is_taken = taken.iter().any(|part| part.order_id == *order_id);
        let (code, message) = match order {
            None => (ErrorCode::OrderNotFound, "You have no such order."),
            Some(order) if order.status == OrderStatus::Confirmed && is_taken => {
                (ErrorCode::OrderInPayment, "Another payment of this order is still open.")
            }
            Some(order) if order.status != OrderStatus::Confirmed => {
                (ErrorCode::OrderNotPayable, "This order waits for no payment.")
            }
            Some(_) => continue,
        };
        return Ok(Err(Refusal::at(format!("orderIds.{position}"), code, message)));
    }
    let mut totals = Vec::with_capacity(orders.len());
    for order in &orders {
        totals.push(amount(order.total_minor, &order.currency)?);
    }
    let Some(currency) = totals.first().map(|total| total.currency) else {
        return Ok(Err(Refusal::at("orderIds", ErrorCode::LineCountOutOfRange, "Name at least one order.")));
    };
    let (field, code, message) = match Money::sum(currency, totals) {
        // Where nothing is due, no provider takes anything.
        Ok(total) if total.amount_minor == 0 || provider.accepts(currency) => return Ok(Ok((orders, total))),
        Ok(_) => {
            ("method", ErrorCode::PaymentMethodCurrency, "This way to pay does not take the currency of the orders.")
        }
        Err(MoneyError::CurrencyMismatch { .. }) => {
            ("orderIds", ErrorCode::CurrenciesMixed, "Pay orders of one currency at a time.")
        }
        Err(MoneyError::Overflow) => {
            ("orderIds", ErrorCode::PaymentAmountInvalid, "The orders cost too much for one payment.")
        }
    };
    Ok(Err(Refusal::at(field, code, message)))
}

async fn payment_insert_in_txn(
    txn: &DatabaseTransaction,
    providers: &PaymentProviders,
    expiry: Duration,
    pay: &Pay,
    orders: Vec<OrderRow>,
    total: Money,
) -> Result<Opened> {
    let created_at = Utc::now();
    let request = PaymentRequest {
        payment_id: PaymentId::new(),
        option_id: pay.option_id.clone(),
        amount: total,
        created_at,
        expires_at: created_at + expiry,
    };
    let provider = providers.get(&pay.option_id).expect("the check has found the provider");
    let start = if total.amount_minor == 0 { PaymentStart::Free } else { provider.begin(&request) };
    let (status, redirect_url, expires_at) = match start {
        PaymentStart::Redirect(url) => (PaymentStatus::Pending, Some(url), Some(request.expires_at)),
        PaymentStart::OnDelivery => (PaymentStatus::OnDelivery, None, None),
        PaymentStart::Free => (PaymentStatus::Succeeded, None, None),
    };
    let row = payment::ActiveModel {
        id: Set(request.payment_id),
        buyer_id: Set(pay.buyer_id),
        option_id: Set(pay.option_id.clone()),
        status: Set(status),
        currency: Set(total.currency.code().to_owned()),
        amount_minor: Set(total.amount_minor),
        redirect_url: Set(redirect_url),
        expires_at: Set(expires_at),
        provider_transaction: Set(None),
        event_seq: Set(0),
        created_at: Set(created_at),
        updated_at: Set(created_at),
        reconciled_at: Set(None),
    };
    payment::Entity::insert(row).exec_without_returning(txn).await?;
    let parts = orders.iter().map(|order| payment_order::ActiveModel {
        payment_id: Set(request.payment_id),
        order_id: Set(order.id),
        amount_minor: Set(order.total_minor),
        open: Set(true),
        settled_at: NotSet,
    });
    payment_order::Entity::insert_many(parts).exec_without_returning(txn).await?;
    let detail = json!({"optionId": pay.option_id, "orderIds": pay.order_ids, "amount": total});
    event::append_in_txn(txn, request.payment_id, PaymentEventKind::Requested, detail).await?;
    let order_ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let to = match status {
        PaymentStatus::OnDelivery => Some(OrderStatus::PayableOnDelivery),
        PaymentStatus::Succeeded => Some(OrderStatus::Paid),
        _ => None,
    };
    if let Some(to) = to {
        orders::store::orders_transition_in_txn(txn, &order_ids, &[OrderStatus::Confirmed], to, Some(pay.buyer_id))
            .await?;
    }
    let is_settled = status == PaymentStatus::Succeeded;
    if is_settled {
        // Orders that cost nothing earn nothing: there is nothing to write into the ledger.
        store::payment_settle_orders_in_txn(txn, request.payment_id, &order_ids).await?;
        event::append_in_txn(txn, request.payment_id, PaymentEventKind::Succeeded, json!({})).await?;
    }
    Ok(Opened { payment_id: request.payment_id, order_ids, expires_at, is_settled })
}
