//! Asking the provider what became of payments that nobody has reported.
//!
//! It is asked when the time of a payment is over, and by a job once more some time later, for what was lost then: a
//! provider that did not answer, a capture that was under way. What is asked about single transactions,
//! [`super::enquiry`] and [`super::stray`], is asked in the same words.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::order::{PaymentStatus, RefundStatus, StrayPaymentState, payment, refund, stray_payment};
use kernel::{PaymentId, RefundId, StrayPaymentId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Config, ConfigError, Error, Result};
use uuid::Uuid;

use super::{
    enquiry::{Enquiry, enquiries_open},
    store,
};
use crate::{
    providers::{
        exchanges::Exchanges,
        payment::{
            reference,
            vnpay::{VnPay, query::Question, report::Report},
        },
    },
    refund::store::later,
};

/// The most payments, the most refunds, and the most stray payments, that one round looks at.
const ROUND_MAX: u64 = 50;

/// For how long the provider is asked about money while it does not say what became of it.
pub(crate) const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How often the job looks, and how long after its time a payment is asked about: `RECONCILE_SECONDS`, 600 when it is
/// not set.
///
/// # Errors
/// The setting is not a number of seconds.
pub(crate) fn period(config: &Config) -> std::result::Result<Duration, ConfigError> {
    Ok(Duration::from_secs(config.setting_or("RECONCILE_SECONDS", 600)?))
}

/// What waits for longer than it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// When this was read.
    pub(crate) at: DateTime<Utc>,
    /// Payments that are open although their time is over: their timer was lost.
    pub(crate) open: Vec<PaymentId>,
    /// Payments that ended unpaid, of which the provider has not said so since.
    pub(crate) unpaid: Vec<PaymentId>,
    /// Refunds whose money should be with the buyer, or refused once more, by now.
    pub(crate) refunds: Vec<RefundId>,
    /// The same of money that belongs to no payment.
    #[serde(default)]
    pub(crate) strays: Vec<StrayPaymentId>,
    /// Money that was reported, and of which the provider has not said whether it has it.
    #[serde(default)]
    pub(crate) enquiries: Vec<Enquiry>,
    /// Where the payments of the next round begin, when there were more than one round looks at.
    #[serde(default)]
    pub(crate) next_from: Option<DateTime<Utc>>,
}

/// Reads what waits since before `grace`; what goes back is given `retry` more, after which it tries by itself.
/// Payments are those whose time was over at `from` or later: of many about which the provider does not decide, each
/// has its turn.
pub(crate) async fn waiting_fetch(
    db: &impl ConnectionTrait,
    from: Option<DateTime<Utc>>,
    grace: Duration,
    retry: Duration,
) -> Result<Waiting> {
    let at = Utc::now();
    let before = |moment: Duration| at.checked_sub_signed(later(at, moment) - at).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let oldest = before(LOOK_BACK);
    let rows = payment::Entity::find()
        .filter(payment::Column::ReconciledAt.is_null())
        .filter(payment::Column::Status.is_in([PaymentStatus::Pending, PaymentStatus::Expired, PaymentStatus::Failed]))
        .filter(payment::Column::ExpiresAt.lt(before(grace)))
        .filter(payment::Column::ExpiresAt.gte(from.map_or(oldest, |from| from.max(oldest))))
        .order_by_asc(payment::Column::ExpiresAt)
        .limit(ROUND_MAX)
        .all(db)
        .await?;
    let refunds = refund::Entity::find()
        .filter(refund::Column::Status.eq(RefundStatus::Paying))
        .filter(refund::Column::UpdatedAt.lt(before(grace.saturating_add(retry))))
        .order_by_asc(refund::Column::UpdatedAt)
        .limit(ROUND_MAX)
        .all(db)
        .await?;
    let strays = stray_payment::Entity::find()
        .filter(stray_payment::Column::State.eq(StrayPaymentState::Held))
        .filter(stray_payment::Column::UpdatedAt.lt(before(grace.saturating_add(retry))))
        .order_by_asc(stray_payment::Column::UpdatedAt)
        .limit(ROUND_MAX)
        .all(db)
        .await?;
    let next_from = rows.last().filter(|_| rows.len() as u64 == ROUND_MAX).and_then(|row| row.expires_at);
    let (open, unpaid): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.status == PaymentStatus::Pending);
    let ids = |rows: Vec<payment::Model>| rows.into_iter().map(|row| row.id).collect();
    Ok(Waiting {
        at,
        open: ids(open),
        unpaid: ids(unpaid),
        refunds: refunds.into_iter().map(|row| row.id).collect(),
        strays: strays.into_iter().map(|row| row.id).collect(),
        enquiries: enquiries_open(db, before(grace)).await?,
        next_from,
    })
}

/// What the provider says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// It has the money.
    Captured(Box<Report>),
    /// It has none, and will have none.
    Nothing,
    /// It has not decided: the capture is under way, or under suspicion.
    Undecided,
    /// It could not be asked, or its answer cannot be trusted.
    Unreachable,
}

/// The capture that VNPay knows of for a payment that waits. `None` when the payment waits no more, when VNPay cannot be
/// asked, or when it has captured nothing: money that comes later is still recorded by its report.
pub(crate) async fn payment_ask(
    db: &DatabaseConnection,
    exchanges: &Exchanges,
    vnpay: &VnPay,
    payment_id: PaymentId,
) -> Result<Option<Report>> {
    let payment = store::payments_fetch(db, &[payment_id]).await?.pop().ok_or(Error::NotFound("payment"))?;
    if payment.status != PaymentStatus::Pending {
        return Ok(None);
    }
    Ok(match payment_question(exchanges, vnpay, &payment).await? {
        Asked::Captured(report) => Some(*report),
        Asked::Nothing | Asked::Undecided | Asked::Unreachable => None,
    })
}

/// Asks VNPay about a payment that has ended unpaid.
pub(crate) async fn unpaid_ask(
    db: &DatabaseConnection,
    exchanges: &Exchanges,
    vnpay: &VnPay,
    payment_id: PaymentId,
) -> Result<Asked> {
    let payment = store::payments_fetch(db, &[payment_id]).await?.pop().ok_or(Error::NotFound("payment"))?;
    payment_question(exchanges, vnpay, &payment).await
}

async fn payment_question(exchanges: &Exchanges, vnpay: &VnPay, payment: &payment::Model) -> Result<Asked> {
    let question = Question { reference: reference(payment.id), transaction_no: None, begun_at: payment.created_at };
    ask(exchanges, vnpay, payment.id.uuid(), &question).await
}

/// Asks VNPay by `querydr`, and keeps what was said under `subject_id`.
pub(crate) async fn ask(exchanges: &Exchanges, vnpay: &VnPay, subject_id: Uuid, question: &Question) -> Result<Asked> {
    let Some(api_url) = vnpay.api_url.clone() else { return Ok(Asked::Unreachable) };
    let request = vnpay.query_request(question, Uuid::now_v7(), Utc::now());
    let Some(answer) = vnpay.ask(exchanges, api_url, ("querydr", subject_id), &request).await? else {
        return Ok(Asked::Unreachable);
    };
    Ok(match vnpay.read_query_answer(&answer) {
        Some(report) if !question.is_answered_by(&report) => Asked::Unreachable,
        Some(report) if report.is_captured() => Asked::Captured(Box::new(report)),
        Some(report) if report.is_failed() => Asked::Nothing,
        Some(_) => Asked::Undecided,
        None if vnpay.knows_nothing(&answer) => Asked::Nothing,
        None => Asked::Unreachable,
    })
}

/// Notes that the provider has said what became of a payment.
pub(crate) async fn payment_reconciled(db: &impl ConnectionTrait, payment_id: PaymentId) -> Result<()> {
    payment::Entity::update_many()
        .col_expr(payment::Column::ReconciledAt, Expr::current_timestamp())
        .filter(payment::COLUMN.id.eq(payment_id))
        .exec(db)
        .await?;
    Ok(())
}
