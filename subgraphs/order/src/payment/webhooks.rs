//! VNPay's calls: the IPN, which counts, and the buyer's return, which only shows.

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use kernel::OperationId;
use serde_json::{Map, Value, json};
use service_kit::Platform;
use url::form_urlencoded;
use uuid::Uuid;

use super::{report::Record, workflows::settle_payment::RECORD};
use crate::providers::{
    Providers,
    payment::vnpay::{
        VnPay,
        report::{IpnAnswer, Report, ReportError},
    },
};

#[derive(Clone)]
struct Webhooks {
    platform: Platform,
    providers: Providers,
}

/// The routes that VNPay and the buyer's browser call.
pub(crate) fn routes(platform: &Platform, providers: &Providers) -> Router {
    Router::new()
        .route("/webhooks/vnpay/ipn", get(ipn))
        .route("/webhooks/vnpay/return", get(shown))
        .with_state(Webhooks { platform: platform.clone(), providers: providers.clone() })
}

/// The IPN. Its signature is verified before anything else of it is read; what it says is recorded durably before it is
/// answered, so that whatever VNPay was told is true.
///
/// What VNPay has signed is kept with what it was answered. When that cannot be kept VNPay is told to report again, which
/// changes nothing.
async fn ipn(State(webhooks): State<Webhooks>, RawQuery(query): RawQuery) -> Json<Value> {
    let query = query.unwrap_or_default();
    let mut answer = match webhooks.read(&query) {
        Ok(report) => {
            let operation_id = OperationId::new();
            let record = Record { operation_id, report, asked: false };
            let recorded = RECORD.at_ingress(&webhooks.platform.ingress, operation_id.to_string(), record).await;
            recorded.map(|recorded| recorded.answer).unwrap_or_else(|error| {
                tracing::error!(error = &error as &dyn std::error::Error, "an IPN could not be recorded");
                IpnAnswer::Unknown
            })
        }
        Err(ReportError::Signature) => IpnAnswer::WrongSignature,
        Err(ReportError::Malformed) => IpnAnswer::Unknown,
    };
    if answer != IpnAnswer::WrongSignature
        && let Err(error) = webhooks.keep(&query, answer).await
    {
        tracing::error!(?error, "an IPN could not be kept");
        answer = IpnAnswer::Unknown;
    }
    tracing::info!(code = answer.code(), "answered an IPN");
    Json(said(answer))
}

/// The answer to an IPN, in VNPay's form.
fn said(answer: IpnAnswer) -> Value {
    json!({"RspCode": answer.code(), "Message": answer.message()})
}

/// Where the buyer's browser comes back to. It changes nothing: the IPN is what counts.
async fn shown(State(webhooks): State<Webhooks>, RawQuery(query): RawQuery) -> Response {
    let (status, title, text) = match webhooks.read(&query.unwrap_or_default()) {
        Ok(report) if report.is_captured() => {
            (StatusCode::OK, "Payment received", "Thank you. Your orders will show as paid in a moment.")
        }
        Ok(_) => (StatusCode::OK, "Payment not made", "Nothing was charged. The orders can be paid again."),
        Err(_) => (StatusCode::BAD_REQUEST, "Unknown payment", "This page was not reached from a payment."),
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <body style=\"font-family: system-ui; margin: 4rem auto; max-width: 32rem\">\
         <h1>{title}</h1><p>{text}</p></body></html>"
    );
    (status, Html(page)).into_response()
}

impl Webhooks {
    fn read(&self, query: &str) -> Result<Report, ReportError> {
        let vnpay = self.providers.payment.vnpay().ok_or(ReportError::Signature)?;
        vnpay.read_report(query)
    }

    /// Keeps a signed IPN and its answer.
    async fn keep(&self, query: &str, answer: IpnAnswer) -> service_kit::Result<()> {
        let Some(vnpay) = self.providers.payment.vnpay() else { return Ok(()) };
        let fields = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name.starts_with("vnp_"));
        let fields: Map<String, Value> = fields.map(|(name, value)| (name.into_owned(), value.into())).collect();
        let payment_id = fields.get("vnp_TxnRef").and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
        let secrets = [&vnpay.hash_secret];
        let about = VnPay::about("ipn", payment_id, &secrets);
        self.providers.exchanges.keep(about, fields.into(), Some(StatusCode::OK), said(answer)).await
    }
}
