//! The sandbox's addresses: VNPay's own, and a short cut for tests.

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{
    act::Bank,
    page, query, refund,
    signature::{self, Params},
    wishes::Wishes,
};

/// The routes.
pub(super) fn routes(bank: Arc<Bank>) -> Router {
    Router::new()
        .route("/paymentv2/vpcpay.html", get(show))
        .route("/paymentv2/act", post(act))
        .route("/merchant_webapi/api/transaction", post(ask))
        .route("/pay", get(pay))
        .route("/healthz", get(async || "ok"))
        .with_state(bank)
}

/// The payment page.
async fn show(State(bank): State<Arc<Bank>>, RawQuery(query): RawQuery) -> Response {
    let params = signature::read(&query.unwrap_or_default());
    match bank.refusal(&params, None) {
        Some(reason) => (StatusCode::BAD_REQUEST, Html(page::refusal(reason))).into_response(),
        None => Html(page::payment(&params)).into_response(),
    }
}

/// A button of the page was pressed.
async fn act(State(bank): State<Arc<Bank>>, Form(params): Form<Params>) -> Response {
    match wished(&bank, &params) {
        Err(reason) => (StatusCode::BAD_REQUEST, Html(page::refusal(&reason))).into_response(),
        Ok(wishes) => Redirect::to(&bank.act(&params, &wishes).await.return_url).into_response(),
    }
}

/// The short cut: the payment URL's own parameters, together with wishes. It answers when everything has been reported.
async fn pay(State(bank): State<Arc<Bank>>, RawQuery(query): RawQuery) -> Response {
    let params = signature::read(&query.unwrap_or_default());
    match wished(&bank, &params) {
        Err(reason) => (StatusCode::BAD_REQUEST, Json(json!({"error": reason}))).into_response(),
        Ok(wishes) => {
            let outcome = bank.act(&params, &wishes).await;
            Json(json!({"answers": outcome.answers, "returnUrl": outcome.return_url})).into_response()
        }
    }
}

/// The merchant API: `querydr` and `refund`.
async fn ask(State(bank): State<Arc<Bank>>, Json(request): Json<Map<String, Value>>) -> Json<Map<String, Value>> {
    let is_refund = request.get("vnp_Command").and_then(Value::as_str) == Some("refund");
    Json(if is_refund { refund::answer(&bank, &request) } else { query::answer(&bank, &request) })
}

fn wished(bank: &Bank, params: &Params) -> Result<Wishes, String> {
    let wishes = Wishes::read(params)?;
    match bank.refusal(params, Some(&wishes)) {
        Some(reason) => Err(reason.to_owned()),
        None => Ok(wishes),
    }
}
