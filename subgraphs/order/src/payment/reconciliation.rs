//! Asking the provider what became of a payment that nobody has reported.

use chrono::Utc;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result};
use uuid::Uuid;

use super::store;
use crate::providers::payment::vnpay::{VnPay, query::QueryAnswer, report::Report};
use entities::order::PaymentStatus;
use kernel::PaymentId;

/// The capture that VNPay knows of for a payment that waits. `None` when the payment waits no more, when VNPay cannot be
/// asked, or when it has captured nothing: money that comes later is still recorded by its report.
pub(crate) async fn payment_ask(
    db: &DatabaseConnection,
    http: &reqwest::Client,
    vnpay: &VnPay,
    payment_id: PaymentId,
) -> Result<Option<Report>> {
    let Some(api_url) = vnpay.api_url.clone() else { return Ok(None) };
    let payment = store::payments_fetch(db, &[payment_id]).await?.pop().ok_or(Error::NotFound("payment"))?;
    if payment.status != PaymentStatus::Pending {
        return Ok(None);
    }
    let request = vnpay.query_request(payment_id, payment.created_at, Uuid::now_v7(), Utc::now());
    let answer: Result<QueryAnswer, reqwest::Error> =
        async { http.post(api_url).json(&request).send().await?.error_for_status()?.json().await }.await;
    match answer {
        Ok(answer) => {
            let report = vnpay.read_query_answer(&answer);
            Ok(report.filter(|report| report.payment_id == Some(payment_id) && report.is_captured()))
        }
        Err(error) => {
            tracing::warn!(%payment_id, error = %error.without_url(), "VNPay did not say what became of a payment");
            Ok(None)
        }
    }
}
