//! Recording what a provider reports: at most one report of a payment ever pays its orders.
//!
//! What was captured and pays nothing is a credit, or is asked about ([`super::enquiry`]), or goes back
//! ([`super::stray`]).

use entities::order::{
    CreditReason, OrderStatus, PaymentEventKind, PaymentStatus, orders::Model as OrderRow, payment, payment_credit,
    payment_order,
};
use kernel::{AccountId, Money, OperationId, OrderId, PaymentId, Percent, StrayPaymentId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::Result;

use super::{
    amount,
    enquiry::{self, Enquiry},
    event, store, stray,
};
use crate::{
    ledger::{self, Sale},
    operations, orders,
    providers::payment::vnpay::report::{IpnAnswer, Report},
};

/// A report to record; its signature has been verified.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Drawn by whoever received the report, so that a repeated attempt to record it knows itself.
    pub(crate) operation_id: OperationId,
    pub(crate) report: Report,
    /// Whether the provider was asked, and answered this. A report that came by itself counts for what it was expected to
    /// be; of what the provider says it has, nothing is swallowed.
    #[serde(default)]
    pub(crate) asked: bool,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recorded {
    pub(crate) answer: IpnAnswer,
    pub(crate) effect: Effect,
}

/// What a report has changed, and so what is to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// All orders of the payment are paid.
    Paid(Settled),
    /// The provider gave the payment up; the orders can be paid otherwise.
    GivenUp { payment_id: PaymentId, buyer_id: AccountId },
    /// Money came that pays no order, and is the buyer's.
    Credited { payment_id: PaymentId, buyer_id: AccountId, amount: Money, transaction: String },
    /// Money was reported that is not what was asked for: the provider is to be asked about it.
    Doubtful(Enquiry),
    /// Money came that belongs to no payment, and is to go back.
    Stray { stray_id: StrayPaymentId },
}

/// A payment whose orders are paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settled {
    pub(crate) payment_id: PaymentId,
    pub(crate) order_ids: Vec<OrderId>,
}

impl Recorded {
    fn nothing(answer: IpnAnswer) -> Self {
        Self { answer, effect: Effect::None }
    }
}

/// Records a report: the merchant, then the amount, then the state. The lock on the payment makes reports take turns.
pub(crate) async fn report_record(
    db: &DatabaseConnection,
    merchant: &str,
    fee: Percent,
    record: &Record,
) -> Result<Recorded> {
    let report = &record.report;
    if report.tmn_code != merchant {
        return Ok(Recorded::nothing(IpnAnswer::NotFound));
    }
    let txn = db.begin().await?;
    if let Some(first) = operations::answer_fetch(&txn, record.operation_id).await? {
        return Ok(first);
    }
    let payment = match report.payment_id {
        Some(payment_id) => store::payment_lock_in_txn(&txn, payment_id).await?,
        None => None,
    };
    let Some(payment) = payment.filter(|payment| payment.expires_at.is_some()) else {
        let stray_id = stray::stray_hold_in_txn(&txn, record.operation_id, report).await?;
        txn.commit().await?;
        let effect = stray_id.map_or(Effect::None, |stray_id| Effect::Stray { stray_id });
        return Ok(Recorded { answer: IpnAnswer::NotFound, effect });
    };
    let recorded = if i128::from(report.amount_hundredths) != i128::from(payment.amount_minor) * 100 {
        other_amount_in_txn(&txn, &payment, record).await?
    } else if report.is_captured() {
        captured_in_txn(&txn, &payment, fee, report).await?
    } else {
        refused_in_txn(&txn, &payment, report).await?
    };
    if recorded.effect != Effect::None {
        operations::answer_insert(&txn, record.operation_id, payment.buyer_id, &recorded).await?;
    }
    txn.commit().await?;
    Ok(recorded)
}

/// Another amount than was asked for never pays. What the provider, when it is asked, says that it has captured
/// nevertheless is the buyer's once the payment has ended; what was only reported is asked about.
async fn other_amount_in_txn(txn: &DatabaseTransaction, payment: &payment::Model, record: &Record) -> Result<Recorded> {
    let (report, answer) = (&record.report, IpnAnswer::WrongAmount);
    let is_own = payment.provider_transaction.as_ref() == Some(&report.transaction_no);
    let captured_minor = report.captured_minor().filter(|_| !is_own);
    if let (true, Some(captured_minor), Some(reason)) = (record.asked, captured_minor, unneeded(payment.status)) {
        let credited = credit_in_txn(txn, payment, reason, (report, captured_minor)).await?;
        return Ok(Recorded { answer, ..credited });
    }
    event::append_in_txn(txn, payment.id, PaymentEventKind::Reported, detail(report)).await?;
    let enquiry = match captured_minor {
        Some(_) => enquiry::enquiry_open_in_txn(txn, payment, &report.transaction_no).await?,
        None => None,
    };
    Ok(Recorded { answer, effect: enquiry.map_or(Effect::None, Effect::Doubtful) })
}

/// The money came: it pays all orders, or it becomes a credit.
async fn captured_in_txn(
    txn: &DatabaseTransaction,
    payment: &payment::Model,
    fee: Percent,
    report: &Report,
) -> Result<Recorded> {
    let reason = match unneeded(payment.status) {
        None => match pay_orders_in_txn(txn, payment, fee, report).await? {
            Some(settled) => return Ok(Recorded { answer: IpnAnswer::Confirmed, effect: Effect::Paid(settled) }),
            None => CreditReason::OrderClosed,
        },
        Some(_) if payment.provider_transaction.as_ref() == Some(&report.transaction_no) => {
            return Ok(Recorded::nothing(IpnAnswer::AlreadyConfirmed));
        }
        Some(reason) => reason,
    };
    credit_in_txn(txn, payment, reason, (report, payment.amount_minor)).await
}

/// Why money for a payment of this status pays no order; `None` while the payment waits for it.
fn unneeded(status: PaymentStatus) -> Option<CreditReason> {
    match status {
        PaymentStatus::Pending => None,
        PaymentStatus::Succeeded | PaymentStatus::Refunded => Some(CreditReason::Duplicate),
        PaymentStatus::Expired | PaymentStatus::Failed | PaymentStatus::OnDelivery => Some(CreditReason::Late),
    }
}

/// Pays the orders of a waiting payment. `None` when one of them can no longer be paid, and then none is.
async fn pay_orders_in_txn(
    txn: &DatabaseTransaction,
    payment: &payment::Model,
    fee: Percent,
    report: &Report,
) -> Result<Option<Settled>> {
    let parts = payment_order::Entity::find()
        .filter(payment_order::COLUMN.payment_id.eq(payment.id))
        .filter(payment_order::Column::Open.eq(true))
        .all(txn)
        .await?;
    let order_ids: Vec<OrderId> = parts.iter().map(|part| part.order_id).collect();
    let locked = orders::store::orders_lock_in_txn(txn, &order_ids).await?;
    if locked.is_empty() || locked.iter().any(|order| order.status != OrderStatus::Confirmed) {
        store::payment_give_up_in_txn(txn, payment.id, PaymentStatus::Failed).await?;
        return Ok(None);
    }
    let paid = orders::store::orders_transition_in_txn(
        txn,
        &order_ids,
        &[OrderStatus::Confirmed],
        OrderStatus::Paid,
        Some(payment.buyer_id),
    )
    .await?;
    payment::Entity::update_many()
        .col_expr(payment::Column::Status, Expr::value(PaymentStatus::Succeeded))
        .col_expr(payment::Column::ProviderTransaction, Expr::value(report.transaction_no.clone()))
        .col_expr(payment::Column::UpdatedAt, Expr::current_timestamp())
        .filter(payment::COLUMN.id.eq(payment.id))
        .exec(txn)
        .await?;
    store::payment_settle_orders_in_txn(txn, payment.id, &order_ids).await?;
    for order in &paid {
        sale_write_in_txn(txn, payment.id, order, fee).await?;
    }
    event::append_in_txn(txn, payment.id, PaymentEventKind::Succeeded, detail(report)).await?;
    Ok(Some(Settled { payment_id: payment.id, order_ids }))
}

/// Writes the ledger transaction of an order that has been paid.
pub(crate) async fn sale_write_in_txn(
    txn: &DatabaseTransaction,
    payment_id: PaymentId,
    order: &OrderRow,
    fee: Percent,
) -> Result<()> {
    let goods = order.product_cost_minor - order.product_discount_minor;
    let sale = Sale {
        payment_id,
        order_id: order.id,
        buyer_id: order.buyer_id,
        seller_id: order.seller_id,
        total: amount(order.total_minor, &order.currency)?,
        goods: amount(goods, &order.currency)?,
    };
    ledger::store::ledger_write_in_txn(txn, &sale.transaction(fee)?).await
}

async fn credit_in_txn(
    txn: &DatabaseTransaction,
    payment: &payment::Model,
    reason: CreditReason,
    (report, amount_minor): (&Report, i64),
) -> Result<Recorded> {
    let amount = amount(amount_minor, &payment.currency)?;
    let row = payment_credit::ActiveModel {
        id: NotSet,
        payment_id: Set(payment.id),
        buyer_id: Set(payment.buyer_id),
        amount_minor: Set(amount_minor),
        currency: Set(payment.currency.clone()),
        reason: Set(reason),
        provider_transaction: Set(report.transaction_no.clone()),
        created_at: NotSet,
    };
    if !store::credit_insert_in_txn(txn, row).await? {
        return Ok(Recorded::nothing(IpnAnswer::AlreadyConfirmed));
    }
    let transaction = ledger::credit(payment.id, &report.transaction_no, payment.buyer_id, amount)?;
    ledger::store::ledger_write_in_txn(txn, &transaction).await?;
    event::append_in_txn(txn, payment.id, PaymentEventKind::Credited, detail(report)).await?;
    let effect = Effect::Credited {
        payment_id: payment.id,
        buyer_id: payment.buyer_id,
        amount,
        transaction: report.transaction_no.clone(),
    };
    Ok(Recorded { answer: IpnAnswer::Confirmed, effect })
}

/// No money came. That ends a payment that waits, and changes no other.
async fn refused_in_txn(txn: &DatabaseTransaction, payment: &payment::Model, report: &Report) -> Result<Recorded> {
    if payment.status != PaymentStatus::Pending {
        return Ok(Recorded::nothing(IpnAnswer::AlreadyConfirmed));
    }
    store::payment_give_up_in_txn(txn, payment.id, PaymentStatus::Failed).await?;
    event::append_in_txn(txn, payment.id, PaymentEventKind::Failed, detail(report)).await?;
    let effect = Effect::GivenUp { payment_id: payment.id, buyer_id: payment.buyer_id };
    Ok(Recorded { answer: IpnAnswer::Confirmed, effect })
}

fn detail(report: &Report) -> serde_json::Value {
    json!({
        "amountHundredths": report.amount_hundredths,
        "responseCode": report.response_code,
        "transactionStatus": report.transaction_status,
        "transactionNo": report.transaction_no,
        "bankCode": report.bank_code,
        "payDate": report.pay_date,
    })
}
