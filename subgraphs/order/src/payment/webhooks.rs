//! VNPay's calls: the IPN, which counts, and the buyer's return, which only shows.

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use kernel::OperationId;
use serde_json::{Value, json};
use service_kit::Platform;

use super::{report::Record, workflows::settle_payment::RECORD};
use crate::providers::{
    Providers,
    payment::vnpay::report::{IpnAnswer, Report, ReportError},
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
async fn ipn(State(webhooks): State<Webhooks>, RawQuery(query): RawQuery) -> Json<Value> {
    let answer = match webhooks.read(query) {
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
    tracing::info!(code = answer.code(), "answered an IPN");
    Json(json!({"RspCode": answer.code(), "Message": answer.message()}))
}

/// Where the buyer's browser comes back to. It changes nothing: the IPN is what counts.
async fn shown(State(webhooks): State<Webhooks>, RawQuery(query): RawQuery) -> Response {
    let (status, title, text) = match webhooks.read(query) {
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
    fn read(&self, query: Option<String>) -> Result<Report, ReportError> {
        let vnpay = self.providers.payment.vnpay().ok_or(ReportError::Signature)?;
        vnpay.read_report(&query.unwrap_or_default())
    }
}
