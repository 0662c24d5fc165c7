//! Asking the provider what became of payments that nobody has reported.
//!
//! It is asked when the time of a payment is over, and by a job once more some time later, for what was lost then: a
//! provider that did not answer, a capture that was under way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entities::order::{PaymentStatus, RefundStatus, payment, refund};
use kernel::{PaymentId, RefundId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use service_kit::{Config, ConfigError, Error, Result};
use uuid::Uuid;

use super::store;
use crate::{
    providers::{
        exchanges::Exchanges,
        payment::vnpay::{VnPay, report::Report},
    },
    refund::store::later,
};

/// The most payments, and the most refunds, that one round looks at.
const ROUND_MAX: u64 = 50;

/// For how long a payment is asked about when the provider does not answer.
const LOOK_BACK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

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
}

/// Reads what waits since before `grace`; refunds are given `retry` more, after which they try by themselves.
pub(crate) async fn waiting_fetch(db: &impl ConnectionTrait, grace: Duration, retry: Duration) -> Result<Waiting> {
    let at = Utc::now();
    let before = |moment: Duration| at.checked_sub_signed(later(at, moment) - at).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let rows = payment::Entity::find()
        .filter(payment::Column::ReconciledAt.is_null())
        .filter(payment::Column::Status.is_in([PaymentStatus::Pending, PaymentStatus::Expired, PaymentStatus::Failed]))
        .filter(payment::Column::ExpiresAt.lt(before(grace)))
        .filter(payment::Column::ExpiresAt.gt(before(LOOK_BACK)))
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
    let (open, unpaid): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.status == PaymentStatus::Pending);
    let ids = |rows: Vec<payment::Model>| rows.into_iter().map(|row| row.id).collect();
    Ok(Waiting { at, open: ids(open), unpaid: ids(unpaid), refunds: refunds.into_iter().map(|row| row.id).collect() })
}

/// What the provider says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// It has the money.
    Captured(Report),
    /// It has none.
    Nothing,
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
    Ok(match ask(exchanges, vnpay, &payment).await? {
        Asked::Captured(report) => Some(report),
        Asked::Nothing | Asked::Unreachable => None,
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
    ask(exchanges, vnpay, &payment).await
}

async fn ask(exchanges: &Exchanges, vnpay: &VnPay, payment: &payment::Model) -> Result<Asked> {
    let Some(api_url) = vnpay.api_url.clone() else { return Ok(Asked::Unreachable) };
    let payment_id = payment.id;
    let request = vnpay.query_request(payment_id, payment.created_at, Uuid::now_v7(), Utc::now());
    let Some(answer) = vnpay.ask(exchanges, api_url, ("querydr", payment_id), &request).await? else {
        return Ok(Asked::Unreachable);
    };
    Ok(match vnpay.read_query_answer(&answer) {
        Some(report) if report.payment_id == Some(payment_id) && report.is_captured() => Asked::Captured(report),
        Some(report) if report.payment_id == Some(payment_id) => Asked::Nothing,
        _ if vnpay.knows_nothing(&answer) => Asked::Nothing,
        _ => Asked::Unreachable,
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
