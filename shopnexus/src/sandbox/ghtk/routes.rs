//! GHTK's own addresses, and those by which somebody plays the carrier.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Form, Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{
    depot::{Depot, Manner, PLAIN, Parcel, Partner},
    page,
};

/// The routes.
pub(in crate::sandbox) fn routes(depot: Arc<Depot>) -> Router {
    let partners = Router::new()
        .route("/services/shipment/fee", get(fee))
        .route("/services/shipment/order/", post(order))
        .route("/services/shipment/cancel/{name}", post(cancel))
        .route("/services/label/{name}", get(label))
        .route_layer(middleware::from_fn_with_state(depot.clone(), for_the_partner));
    Router::new()
        .route("/ghtk", get(show))
        .route("/ghtk/act", post(act))
        .route("/ghtk/parcels", get(list))
        .route("/ghtk/report", get(report))
        .route("/ghtk/refuse", get(refuse))
        .merge(partners)
        .with_state(depot)
}

/// Lets only those in who bring the partner's token and code.
async fn for_the_partner(State(depot): State<Arc<Depot>>, request: Request, next: Next) -> Response {
    if is_of(&depot.partner, request.headers()) {
        return next.run(request).await;
    }
    (StatusCode::UNAUTHORIZED, Json(json!({"success": false, "message": "Token is not valid"}))).into_response()
}

fn is_of(partner: &Partner, headers: &HeaderMap) -> bool {
    let has = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    has("Token", &partner.token) && has("X-Client-Source", &partner.code)
}

/// A fee: more for more weight, and less within a province. Express is within a province only.
async fn fee(Query(asked): Query<HashMap<String, String>>) -> Json<Value> {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let is_local = get("pick_province") == get("province");
    let half_kilograms = get("weight").parse::<i64>().unwrap_or_default().clamp(0, 1_000_000) / 500;
    let fee = if is_local { 22_000 } else { 30_400 } + 2_500 * half_kilograms;
    let is_served = is_local || get("deliver_option") != "xteam";
    Json(json!({"success": true, "message": "", "fee": {
        "name": if is_local { "area1" } else { "area3" }, "fee": fee, "insurance_fee": 0, "delivery": is_served,
    }}))
}

async fn order(State(depot): State<Arc<Depot>>, Json(asked): Json<Value>) -> Json<Value> {
    Json(depot.order(&asked))
}

/// A cancellation, which is reported as everything is.
async fn cancel(State(depot): State<Arc<Depot>>, Path(name): Path<String>) -> Json<Value> {
    let (answer, cancelled) = depot.cancel(&name);
    if let Some(partner_id) = cancelled {
        tokio::spawn(async move { depot.report(&partner_id, &[-1], &PLAIN).await });
    }
    Json(answer)
}

/// A label as PDF, or in JSON that there is none.
async fn label(State(depot): State<Arc<Depot>>, Path(name): Path<String>) -> Response {
    match depot.label(&name) {
        Some(pdf) => ([("content-type", "application/pdf")], pdf).into_response(),
        None => Json(json!({"success": false, "message": "There is no such order"})).into_response(),
    }
}

/// The page of whoever plays the carrier.
async fn show(State(depot): State<Arc<Depot>>) -> Html<String> {
    Html(page::parcels(&depot.parcels()))
}

/// The same for tests.
async fn list(State(depot): State<Arc<Depot>>) -> Json<Value> {
    let parcels = depot.parcels().into_iter();
    let shown =
        |parcel: Parcel| json!({"label": parcel.label, "status": parcel.status, "pickMoney": parcel.pick_money});
    Json(parcels.map(|(id, parcel)| (id, shown(parcel))).collect())
}

/// A button of the page was pressed.
async fn act(State(depot): State<Arc<Depot>>, Form(wishes): Form<HashMap<String, String>>) -> Response {
    match carry_out(&depot, &wishes).await {
        Ok(_) => Redirect::to("/ghtk").into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

/// The same for tests: answers with what the partner answered.
async fn report(State(depot): State<Arc<Depot>>, Query(wishes): Query<HashMap<String, String>>) -> Response {
    match carry_out(&depot, &wishes).await {
        Ok(answers) => Json(json!({"answers": answers})).into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, Json(json!({"error": reason}))).into_response(),
    }
}

/// Refuses the next orders or cancellations.
async fn refuse(State(depot): State<Arc<Depot>>, Query(wishes): Query<HashMap<String, String>>) -> Response {
    match (number(&wishes, "orders", 0, 100), number(&wishes, "cancellations", 0, 100)) {
        (Ok(orders), Ok(cancellations)) => {
            depot.refuse(orders, cancellations);
            Json(json!({"orders": orders, "cancellations": cancellations})).into_response()
        }
        (Err(reason), _) | (_, Err(reason)) => {
            (StatusCode::BAD_REQUEST, Json(json!({"error": reason}))).into_response()
        }
    }
}

async fn carry_out(depot: &Depot, wishes: &HashMap<String, String>) -> Result<Vec<u16>, String> {
    let get = |name: &str| wishes.get(name).map(String::as_str).unwrap_or_default();
    let flag = |name: &str| matches!(get(name), "true" | "1" | "on");
    let statuses: Result<Vec<i32>, _> = get("statuses").split(',').map(|text| text.trim().parse()).collect();
    let statuses = statuses.map_err(|_| "`statuses` are GHTK's numbers, as in 3,4,5".to_owned())?;
    let reports = number(wishes, "reports", 1, 100)?;
    let manner = Manner {
        reports: usize::try_from(reports).expect("a hundred fits"),
        reversed: flag("reversed"),
        silent: flag("silent"),
        wrong_secret: flag("wrong_secret"),
        delay: Duration::from_millis(number(wishes, "delay_ms", 0, 600_000)?),
    };
    let answers = depot.report(get("partner_id"), &statuses, &manner).await;
    answers.ok_or_else(|| "there is no parcel of this `partner_id`".to_owned())
}

fn number(wishes: &HashMap<String, String>, name: &str, default: u64, most: u64) -> Result<u64, String> {
    match wishes.get(name).filter(|text| !text.is_empty()).map(|text| text.parse()) {
        None => Ok(default),
        Some(Ok(number)) if number <= most => Ok(number),
        Some(_) => Err(format!("`{name}` is a number up to {most}")),
    }
}
