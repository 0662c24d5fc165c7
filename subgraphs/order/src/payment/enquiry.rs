//! Enquiries: money that was reported and is not what was asked for.
//!
//! A report alone does not make such money somebody's: its sender may be mistaken. Nor is it swallowed: the provider is
//! asked about that very transaction, at once and then by every round of the reconciliation, until it says what became
//! of it, and what it has is the buyer's. The history of the payment tells which enquiries are open.

use chrono::{DateTime, Utc};
use entities::order::{PaymentEventKind, PaymentStatus, payment, payment_event};
use kernel::PaymentId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, TransactionTrait, raw_sql,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Error, Result};

use super::{
    event,
    reconciliation::{Asked, LOOK_BACK, ask},
    store,
};
use crate::providers::{
    Providers,
    payment::{reference, vnpay::query::Question},
};

/// How many enquiries one round looks at.
const ROUND_MAX: i64 = 100;

/// Money that was reported, and of which the provider is asked whether it has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Enquiry {
    /// The payment that it was reported of.
    pub(crate) payment_id: PaymentId,
    /// The provider's own number of the transaction.
    pub(crate) transaction: String,
    /// Until when the provider is asked while it does not say what became of it.
    pub(crate) until: DateTime<Utc>,
}

/// What the provider said, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) asked: Asked,
    pub(crate) at: DateTime<Utc>,
}

impl Told {
    /// Why the enquiry is over. `None` while the provider is to be asked again.
    pub(crate) fn outcome(&self, enquiry: &Enquiry) -> Option<Outcome> {
        match self.asked {
            Asked::Captured(_) => Some(Outcome::Captured),
            Asked::Nothing => Some(Outcome::Nothing),
            Asked::Undecided | Asked::Unreachable if self.at < enquiry.until => None,
            Asked::Undecided | Asked::Unreachable => Some(Outcome::Unanswered),
        }
    }
}

/// Why an enquiry is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Outcome {
    /// The provider has the money: it is recorded.
    Captured,
    /// The provider has no such money.
    Nothing,
    /// The provider did not say in time.
    Unanswered,
}

/// Opens an enquiry about a transaction of a locked payment. `None` when nothing is to be asked: the transaction has
/// paid the payment, is a credit, or is being asked about.
pub(crate) async fn enquiry_open_in_txn(
    txn: &DatabaseTransaction,
    payment: &payment::Model,
    transaction: &str,
) -> Result<Option<Enquiry>> {
    if payment.provider_transaction.as_deref() == Some(transaction)
        || store::credit_exists(txn, payment.id, transaction).await?
        || is_open(txn, payment.id, transaction).await?
    {
        return Ok(None);
    }
    let detail = json!({"transactionNo": transaction});
    event::append_in_txn(txn, payment.id, PaymentEventKind::EnquiryOpened, detail).await?;
    let until = Utc::now() + LOOK_BACK;
    Ok(Some(Enquiry { payment_id: payment.id, transaction: transaction.to_owned(), until }))
}

/// Enquiries that were opened before this moment and are open still, the oldest first.
pub(crate) async fn enquiries_open(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<Vec<Enquiry>> {
    #[derive(FromQueryResult)]
    struct Row {
        payment_id: PaymentId,
        number: String,
        at: DateTime<Utc>,
    }
    let rows = Row::find_by_statement(raw_sql!(
        Postgres,
        r#"
        SELECT opened.payment_id, opened.detail ->> 'transactionNo' AS number, opened.at
        FROM "order".payment_event opened
        WHERE opened.kind = 'ENQUIRY_OPENED' AND opened.at < {before} AND NOT EXISTS (
            SELECT FROM "order".payment_event closed
            WHERE closed.payment_id = opened.payment_id AND closed.seq > opened.seq AND closed.kind = 'ENQUIRY_CLOSED'
                AND closed.detail ->> 'transactionNo' = opened.detail ->> 'transactionNo')
        ORDER BY opened.at LIMIT {ROUND_MAX}"#
    ))
    .all(db)
    .await?;
    let open = |row: Row| Enquiry { payment_id: row.payment_id, transaction: row.number, until: row.at + LOOK_BACK };
    Ok(rows.into_iter().map(open).collect())
}

/// Asks the provider about the transaction. Of a payment that still waits it is not asked: the transaction may yet pay
/// it.
pub(crate) async fn enquiry_ask(db: &DatabaseConnection, providers: &Providers, enquiry: &Enquiry) -> Result<Told> {
    let payment = store::payments_fetch(db, &[enquiry.payment_id]).await?.pop().ok_or(Error::NotFound("payment"))?;
    let asked = match providers.payment.vnpay() {
        _ if payment.status == PaymentStatus::Pending => Asked::Undecided,
        None => Asked::Unreachable,
        Some(vnpay) => {
            let question = Question {
                reference: reference(payment.id),
                transaction_no: Some(enquiry.transaction.clone()),
                begun_at: payment.created_at,
            };
            ask(&providers.exchanges, vnpay, payment.id.uuid(), &question).await?
        }
    };
    Ok(Told { asked, at: Utc::now() })
}

/// Closes an enquiry. The same again changes nothing.
pub(crate) async fn enquiry_close(db: &DatabaseConnection, enquiry: &Enquiry, outcome: Outcome) -> Result<()> {
    let Enquiry { payment_id, transaction, .. } = enquiry;
    let txn = db.begin().await?;
    store::payment_lock_in_txn(&txn, *payment_id).await?.ok_or(Error::NotFound("payment"))?;
    if is_open(&txn, *payment_id, transaction).await? {
        if outcome == Outcome::Unanswered {
            tracing::error!(%payment_id, %transaction, "nobody has said what became of money that was reported");
        }
        let detail = json!({"transactionNo": transaction, "outcome": outcome});
        event::append_in_txn(&txn, *payment_id, PaymentEventKind::EnquiryClosed, detail).await?;
        txn.commit().await?;
    }
    Ok(())
}

/// Whether an enquiry about a transaction was opened and not closed since.
async fn is_open(db: &impl ConnectionTrait, payment_id: PaymentId, transaction: &str) -> Result<bool> {
    let events = payment_event::Entity::find()
        .filter(payment_event::COLUMN.payment_id.eq(payment_id))
        .filter(payment_event::Column::Kind.is_in([PaymentEventKind::EnquiryOpened, PaymentEventKind::EnquiryClosed]))
        .order_by_desc(payment_event::Column::Seq)
        .all(db)
        .await?;
    let last = events.iter().find(|event| event.detail["transactionNo"] == transaction);
    Ok(last.is_some_and(|event| event.kind == PaymentEventKind::EnquiryOpened))
}
