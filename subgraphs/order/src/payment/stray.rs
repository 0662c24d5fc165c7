//! Stray payments: money that VNPay captured for us under a reference that is no payment's, or no online payment's.
//!
//! Nobody here knows whose it is, so it goes back to whom it came from, whole, and stands in a table of its own until
//! it has. A report alone moves no money: VNPay is asked first whether it really has it.

use chrono::{DateTime, Utc};
use entities::order::{StrayPaymentState, stray_payment};
use kernel::{Currency, Money, OperationId, StrayPaymentId};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Error, Result,
    graphql::{Page, Rows},
};

use super::reconciliation::{Asked, ask};
use crate::providers::{
    Providers,
    payment::{
        RefundAnswer, RefundRequest,
        vnpay::{self, query::Question, report::Report},
    },
};

/// One attempt to give money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) stray_id: StrayPaymentId,
    /// VNPay's own number of the capture.
    pub(crate) transaction: String,
    pub(crate) reference: String,
    /// When it was paid, as far as VNPay has said, or else reported.
    pub(crate) paid_at: DateTime<Utc>,
    /// How often VNPay has refused before; with the money it names the request.
    pub(crate) number: i32,
}

/// What VNPay says of money that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Vouched {
    /// It has this much.
    Has(Money),
    /// It has none.
    Nothing,
    /// It could not be asked, or has not decided.
    Unsaid,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    /// VNPay has the money, and answers this to giving it back.
    Answered { amount: Money, answer: RefundAnswer },
    /// VNPay has captured no such money.
    NotThere,
    /// VNPay did not say whether it has it.
    Unsaid,
}

/// What is to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Next {
    /// It is to be tried again later.
    Later,
    /// Nothing is to be tried any more.
    Over,
}

/// Holds what a report of our own merchant says was captured, when it has no payment. The id when this operation is the
/// one that held it: of many reports of one transaction one is followed, and a repeated operation knows itself.
pub(crate) async fn stray_hold_in_txn(
    txn: &DatabaseTransaction,
    operation_id: OperationId,
    report: &Report,
) -> Result<Option<StrayPaymentId>> {
    let Some(amount_minor) = report.captured_minor() else { return Ok(None) };
    let stray_id = StrayPaymentId(operation_id.uuid());
    // Postgres takes no NUL in a text.
    let text = |text: &str| text.replace('\0', "");
    let row = stray_payment::ActiveModel {
        id: Set(stray_id),
        provider_transaction: Set(text(&report.transaction_no)),
        reference: Set(text(&report.reference)),
        amount_minor: Set(amount_minor),
        currency: Set(Currency::VND.code().to_owned()),
        bank_code: Set(report.bank_code.as_deref().map(text)),
        pay_date: Set(report.pay_date.as_deref().map(text)),
        state: Set(StrayPaymentState::Held),
        tries: Set(0),
        sent_try: Set(None),
        note: Set(None),
        created_at: NotSet,
        updated_at: NotSet,
    };
    stray_payment::Entity::insert(row)
        .on_conflict_do_nothing_on([stray_payment::Column::ProviderTransaction])
        .exec_without_returning(txn)
        .await?;
    Ok(stray_payment::Entity::find_by_id(stray_id).one(txn).await?.map(|row| row.id))
}

/// The attempt to make now; `None` when nothing is held any more.
pub(crate) async fn attempt_begin(db: &impl ConnectionTrait, stray_id: StrayPaymentId) -> Result<Option<Attempt>> {
    let row = stray_payment::Entity::find_by_id(stray_id).one(db).await?.ok_or(Error::NotFound("stray payment"))?;
    if row.state != StrayPaymentState::Held {
        return Ok(None);
    }
    let paid_at = row.pay_date.as_deref().and_then(vnpay::moment).unwrap_or(row.created_at);
    Ok(Some(Attempt {
        stray_id,
        transaction: row.provider_transaction,
        reference: row.reference,
        paid_at,
        number: row.tries,
    }))
}

/// Asks VNPay whether it has the money.
pub(crate) async fn attempt_ask(providers: &Providers, attempt: &Attempt) -> Result<Vouched> {
    let Some(vnpay) = providers.payment.vnpay() else { return Ok(Vouched::Unsaid) };
    let question = Question {
        reference: attempt.reference.clone(),
        transaction_no: Some(attempt.transaction.clone()),
        begun_at: attempt.paid_at,
    };
    let asked = ask(&providers.exchanges, vnpay, attempt.stray_id.uuid(), &question).await?;
    Ok(match asked {
        Asked::Captured(report) => report
            .captured_minor()
            .map_or(Vouched::Unsaid, |amount_minor| Vouched::Has(Money::new(amount_minor, Currency::VND))),
        Asked::Nothing => Vouched::Nothing,
        Asked::Undecided | Asked::Unreachable => Vouched::Unsaid,
    })
}

/// Asks VNPay to give the money back. The request has the same identity each time the attempt is made, so VNPay pays
/// once, whatever becomes of its answer.
pub(crate) async fn attempt_make(
    db: &DatabaseConnection,
    providers: &Providers,
    attempt: &Attempt,
    amount: Money,
) -> Result<RefundAnswer> {
    let Some(vnpay) = providers.payment.vnpay() else { return Ok(RefundAnswer::Unreachable) };
    let request_id = OperationId(attempt.stray_id.uuid()).child(format!("attempt/{}", attempt.number));
    let request = RefundRequest {
        request_id: request_id.uuid(),
        subject_id: attempt.stray_id.uuid(),
        reference: attempt.reference.clone(),
        transaction: attempt.transaction.clone(),
        amount,
        is_whole: true,
        paid_at: attempt.paid_at,
        now: Utc::now(),
        is_first: attempt_mark(db, attempt).await?,
    };
    vnpay.pay_back(&providers.exchanges, &request).await
}

/// Marks an attempt as sent. Whether it had not been sent before.
async fn attempt_mark(db: &impl ConnectionTrait, attempt: &Attempt) -> Result<bool> {
    let marked = stray_payment::Entity::update_many()
        .col_expr(stray_payment::Column::SentTry, Expr::value(attempt.number))
        .filter(stray_payment::COLUMN.id.eq(attempt.stray_id))
        .filter(stray_payment::Column::SentTry.is_null().or(stray_payment::Column::SentTry.ne(attempt.number)))
        .exec(db)
        .await?;
    Ok(marked.rows_affected == 1)
}

/// Records what came of an attempt. The same again changes nothing more, and has the same to follow.
pub(crate) async fn attempt_record(
    db: &DatabaseConnection,
    attempts_max: i32,
    attempt: &Attempt,
    came: &Came,
) -> Result<Next> {
    let txn = db.begin().await?;
    let row = stray_payment::Entity::find_by_id(attempt.stray_id).lock_exclusive().one(&txn).await?;
    let mut row = row.ok_or(Error::NotFound("stray payment"))?;
    match row.state {
        StrayPaymentState::Held if row.tries == attempt.number => {}
        StrayPaymentState::Held => return Ok(Next::Later),
        StrayPaymentState::Refunded | StrayPaymentState::Refused => return Ok(Next::Over),
    }
    let (state, note) = match came {
        Came::Answered { answer: RefundAnswer::PaidBack { transaction }, .. } => {
            (StrayPaymentState::Refunded, format!("VNPay has given it back, by its transaction {transaction}."))
        }
        Came::Answered { answer: RefundAnswer::Refused { code }, .. } => {
            row.tries += 1;
            let is_last = row.tries >= attempts_max;
            let state = if is_last { StrayPaymentState::Refused } else { StrayPaymentState::Held };
            (state, format!("VNPay refused to give it back, with {code}."))
        }
        Came::Answered { answer: RefundAnswer::Unreachable, .. } => {
            (StrayPaymentState::Held, "VNPay could not be asked to give it back.".to_owned())
        }
        Came::Answered { answer: RefundAnswer::NotPossible, .. } => {
            (StrayPaymentState::Refused, "There is no way to have it given back.".to_owned())
        }
        Came::NotThere => (StrayPaymentState::Refused, "VNPay says that it has no such money.".to_owned()),
        Came::Unsaid => (StrayPaymentState::Held, "VNPay has not said whether it has the money.".to_owned()),
    };
    if let Came::Answered { amount, .. } = came {
        row.amount_minor = amount.amount_minor;
    }
    let row = stray_payment::Model { state, note: Some(note), updated_at: Utc::now(), ..row };
    row.into_active_model().reset_all().update(&txn).await?;
    txn.commit().await?;
    Ok(if state == StrayPaymentState::Held { Next::Later } else { Next::Over })
}

/// Stray payments, newest first: all, or those in one state.
pub(crate) async fn strays_list(
    db: &impl ConnectionTrait,
    state: Option<StrayPaymentState>,
    page: &Page<StrayPaymentId>,
    with_total: bool,
) -> Result<Rows<stray_payment::Model>> {
    let mut wanted = stray_payment::Entity::find();
    if let Some(state) = state {
        wanted = wanted.filter(stray_payment::Column::State.eq(state));
    }
    let total = if with_total { Some(wanted.clone().count(db).await?) } else { None };
    if let Some(after) = page.after {
        wanted = wanted.filter(stray_payment::Column::Id.lt(after));
    }
    let rows = wanted.order_by_desc(stray_payment::Column::Id).limit(page.fetch()).all(db).await?;
    Ok(Rows { rows, total })
}
