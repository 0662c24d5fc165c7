//! Paying money back by the provider that took it, or as a credit where that is not possible.

use chrono::Utc;
use entities::order::{
    CreditReason, PaidVia, PaymentEventKind, PaymentStatus, RefundStatus, orders, payment, payment_credit, refund,
};
use kernel::{Money, OperationId, PaymentId, RefundId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Error, Result};

use super::{
    news::News,
    settlement,
    store::{self, Locked},
};
use crate::{
    ledger,
    payment::{amount, event, store as payment_store},
    providers::{
        exchanges::Exchanges,
        payment::{PaymentProviders, RefundAnswer, RefundRequest, reference},
    },
};

/// One attempt to pay the money of a refund back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) refund_id: RefundId,
    pub(crate) payment_id: PaymentId,
    /// How often the provider has refused before; with the refund it names the request.
    pub(crate) number: i32,
    pub(crate) amount: Money,
}

/// What came of an attempt, and what is to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Repaid {
    /// The buyer has the money.
    Done(Box<News>),
    /// It is to be tried again later.
    Later,
    /// Nothing is to be paid any more.
    Over,
}

/// The attempt to make now; `None` when the refund waits for no money.
pub(crate) async fn attempt_begin(db: &impl ConnectionTrait, refund_id: RefundId) -> Result<Option<Attempt>> {
    let refund = store::refunds_fetch(db, &[refund_id]).await?.pop().ok_or(Error::NotFound("refund"))?;
    if refund.status != RefundStatus::Paying {
        return Ok(None);
    }
    let amount = amount(refund.goods_minor + refund.transport_minor, &refund.currency)?;
    Ok(Some(Attempt { refund_id, payment_id: refund.payment_id, number: refund.attempts, amount }))
}

/// Asks the provider to pay the money back. The request has the same identity each time the attempt is made, so the
/// provider pays once, whatever becomes of its answer.
pub(crate) async fn attempt_make(
    db: &DatabaseConnection,
    exchanges: &Exchanges,
    providers: &PaymentProviders,
    attempt: &Attempt,
) -> Result<RefundAnswer> {
    if attempt.amount.amount_minor == 0 {
        return Ok(RefundAnswer::NotPossible);
    }
    let payment = payment_store::payments_fetch(db, &[attempt.payment_id]).await?.pop();
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    let Some(provider) = providers.get(&payment.option_id) else { return Ok(RefundAnswer::NotPossible) };
    let Some(transaction) = payment.provider_transaction.clone() else { return Ok(RefundAnswer::NotPossible) };
    let request_id = OperationId(attempt.refund_id.uuid()).child(format!("attempt/{}", attempt.number));
    let is_first = attempt_mark(db, attempt, request_id).await?;
    let request = RefundRequest {
        request_id: request_id.uuid(),
        subject_id: payment.id.uuid(),
        reference: reference(payment.id),
        transaction,
        amount: attempt.amount,
        is_whole: attempt.amount.amount_minor == payment.amount_minor,
        paid_at: payment.created_at,
        now: Utc::now(),
        is_first,
    };
    provider.refund(exchanges, &request).await
}

/// Marks an attempt as sent, with the payment's history. Whether it had not been sent before.
async fn attempt_mark(db: &DatabaseConnection, attempt: &Attempt, request_id: OperationId) -> Result<bool> {
    let txn = db.begin().await?;
    payment_store::payment_lock_in_txn(&txn, attempt.payment_id).await?;
    let marked = refund::Entity::update_many()
        .col_expr(refund::Column::SentAttempt, Expr::value(attempt.number))
        .filter(refund::COLUMN.id.eq(attempt.refund_id))
        .filter(refund::Column::SentAttempt.is_null().or(refund::Column::SentAttempt.ne(attempt.number)))
        .exec(&txn)
        .await?;
    let is_first = marked.rows_affected == 1;
    if is_first {
        let detail = json!({
            "refundId": attempt.refund_id, "requestId": request_id, "amountMinor": attempt.amount.amount_minor,
        });
        event::append_in_txn(&txn, attempt.payment_id, PaymentEventKind::RefundAsked, detail).await?;
    }
    txn.commit().await?;
    Ok(is_first)
}

/// Records what came of an attempt. The same again changes nothing and gives the same answer.
pub(crate) async fn attempt_record(
    db: &DatabaseConnection,
    attempts_max: i32,
    attempt: &Attempt,
    answer: &RefundAnswer,
) -> Result<Repaid> {
    let txn = db.begin().await?;
    let payment = payment_store::payment_lock_in_txn(&txn, attempt.payment_id).await?;
    let payment = payment.ok_or(Error::NotFound("payment"))?;
    let mut locked = store::refund_lock_in_txn(&txn, attempt.refund_id).await?.ok_or(Error::NotFound("refund"))?;
    match locked.refund.status {
        RefundStatus::Paying if locked.refund.attempts == attempt.number => {}
        RefundStatus::Paying => return Ok(Repaid::Later),
        RefundStatus::Refunded => return Ok(Repaid::Done(Box::new(locked.news()?))),
        _ => return Ok(Repaid::Over),
    }
    let via = match answer {
        RefundAnswer::PaidBack { transaction } => {
            let detail = json!({"refundId": attempt.refund_id, "transactionNo": transaction});
            event::append_in_txn(&txn, payment.id, PaymentEventKind::Refunded, detail).await?;
            PaidVia::Provider
        }
        RefundAnswer::Refused { code } => {
            let detail = json!({"refundId": attempt.refund_id, "responseCode": code});
            event::append_in_txn(&txn, payment.id, PaymentEventKind::RefundRefused, detail).await?;
            locked.refund.attempts += 1;
            if locked.refund.attempts < attempts_max {
                let (before, row) = (locked.refund.status, locked.refund.clone());
                let note = format!("The provider refused with {code}.");
                store::refund_change_in_txn(&txn, before, row, None, Some(&note)).await?;
                txn.commit().await?;
                return Ok(Repaid::Later);
            }
            PaidVia::Credit
        }
        RefundAnswer::Unreachable => return Ok(Repaid::Later),
        RefundAnswer::NotPossible if attempt.amount.amount_minor == 0 => PaidVia::Nothing,
        RefundAnswer::NotPossible => PaidVia::Credit,
    };
    let news = finish_in_txn(&txn, &payment, locked, attempt, via).await?;
    txn.commit().await?;
    Ok(Repaid::Done(Box::new(news)))
}

/// Ends a refund whose money is with the buyer: paid back, or as a credit.
async fn finish_in_txn(
    txn: &DatabaseTransaction,
    payment: &payment::Model,
    mut locked: Locked,
    attempt: &Attempt,
    via: PaidVia,
) -> Result<News> {
    match via {
        PaidVia::Provider => {
            let transaction = settlement::reversal(&locked.refund, 0)?.paid_back()?;
            ledger::store::ledger_write_in_txn(txn, &transaction).await?;
        }
        PaidVia::Credit => credit_in_txn(txn, payment, attempt).await?,
        PaidVia::Nothing => {}
    }
    let before = locked.refund.status;
    locked.refund.status = RefundStatus::Refunded;
    locked.refund.paid_via = Some(via);
    let row = locked.refund.clone();
    locked.refund = store::refund_change_in_txn(txn, before, row, None, None).await?;
    payment_end_in_txn(txn, payment).await?;
    locked.news()
}

/// The money stays with us and is the buyer's: the ledger owes it since the refund was decided.
async fn credit_in_txn(txn: &DatabaseTransaction, payment: &payment::Model, attempt: &Attempt) -> Result<()> {
    let row = payment_credit::ActiveModel {
        id: NotSet,
        payment_id: Set(payment.id),
        buyer_id: Set(payment.buyer_id),
        amount_minor: Set(attempt.amount.amount_minor),
        currency: Set(payment.currency.clone()),
        reason: Set(CreditReason::Refund),
        provider_transaction: Set(format!("refund/{}", attempt.refund_id)),
        created_at: NotSet,
    };
    if payment_store::credit_insert_in_txn(txn, row).await? {
        let detail = json!({"refundId": attempt.refund_id, "amountMinor": attempt.amount.amount_minor});
        event::append_in_txn(txn, payment.id, PaymentEventKind::Credited, detail).await?;
    }
    Ok(())
}

/// A payment all of whose orders went back is refunded.
async fn payment_end_in_txn(txn: &DatabaseTransaction, payment: &payment::Model) -> Result<()> {
    if payment.status != PaymentStatus::Succeeded {
        return Ok(());
    }
    let parts = payment_store::payment_orders_fetch(txn, &[payment.id]).await?;
    let ids: Vec<_> = parts.iter().filter(|part| part.open).map(|part| part.order_id).collect();
    let kept = orders::Entity::find()
        .filter(orders::COLUMN.id.eq_any(ids))
        .filter(Expr::col(orders::Column::RefundedMinor).lt(Expr::col(orders::Column::TotalMinor)))
        .one(txn)
        .await?;
    match kept {
        Some(_) => Ok(()),
        None => payment_store::payment_set_status_in_txn(txn, payment.id, PaymentStatus::Refunded).await,
    }
}
