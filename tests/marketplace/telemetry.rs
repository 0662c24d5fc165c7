//! What an operator sees of the running marketplace: metrics, readiness, levels of the log, and files that name them.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message;
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::{Layout, Stack};
use tests::read;

use crate::{
    degradation::{bring_back, take_away},
    stage::{Shop, act, checkout_of},
    trace::accepted,
};

const MODULES: [&str; 8] = ["account", "analytic", "catalog", "chat", "common", "inventory", "order", "promotion"];

/// Gauges are read often, and the durable engine is asked as often.
async fn stack(layout: Layout) -> Stack {
    Stack::start_with(layout, &[("METRICS_SECONDS", "1")]).await
}

async fn text(url: &str) -> String {
    reqwest::get(url).await.unwrap().error_for_status().unwrap().text().await.unwrap()
}

/// Everything that the processes of a marketplace tell Prometheus.
async fn metrics(stack: &Stack) -> String {
    let router = stack.status()["router_url"].as_str().unwrap().replace("/graphql", "/metrics");
    let mut all = text(&router).await;
    for module in MODULES {
        all += &text(&format!("{}/metrics", stack.module_url(module))).await;
    }
    all
}

/// Waits until `found` sees in the metrics what it looks for.
async fn metrics_with(stack: &Stack, what: &str, found: impl Fn(&str) -> bool) -> String {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let all = metrics(stack).await;
        if found(&all) {
            return all;
        }
        assert!(tokio::time::Instant::now() < deadline, "the metrics never show {what}:\n{all}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The value of a series, given by its name and all that stands in its braces.
fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

/// The names of metrics in an expression of PromQL.
fn names(expression: &str) -> BTreeSet<String> {
    let mut plain = String::new();
    let mut depth = 0;
    for letter in expression.chars() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    // Labels stand in parentheses after `by`.
    while let Some(begin) = plain.find("by (") {
        let end = begin + plain[begin..].find(')').unwrap();
        plain.replace_range(begin..=end, " ");
    }
    let words = plain.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != ':');
    words
        .filter(|word| word.contains('_') && !word.starts_with("histogram_q") && !word.ends_with("_over_time"))
        .map(ToOwned::to_owned)
        .collect()
}

fn alerts() -> Vec<Value> {
    let file: Value = serde_yaml::from_str(&read("deploy/telemetry/alerts.yml")).unwrap();
    let groups = file["groups"].as_array().unwrap().clone();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_that_the_dashboard_and_the_alerts_name_is_exposed() {
    let stack = stack(Layout::Together).await;
    let shop = Shop::open(&stack, 3).await;
    let buyer = stack.member("buyer").await;
    act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;

    let dashboard: Value = serde_json::from_str(&read("deploy/telemetry/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let shown = panels.iter().flat_map(|panel| panel["targets"].as_array().cloned().unwrap_or_default());
    let mut expressions: Vec<String> = shown.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    expressions.extend(alerts().iter().map(|rule| rule["expr"].as_str().unwrap().to_owned()));
    let named: BTreeSet<String> = expressions.iter().flat_map(|expression| names(expression)).collect();
    assert!(named.len() > 20, "the expressions are understood: {named:?}");

    let exposed = |all: &str, name: &str| {
        all.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])))
    };
    // A counter of failures is there from the first failure on.
    let never = ["shopnexus_sql_failures_total", "shopnexus_subscriptions_open"];
    let wanted: Vec<&String> = named.iter().filter(|name| !never.contains(&name.as_str())).collect();
    metrics_with(&stack, &format!("each of {wanted:?}"), |all| wanted.iter().all(|name| exposed(all, name))).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_module_operation_and_outcome_and_never_by_names_that_clients_make_up() {
    let stack = stack(Layout::Apart).await;
    let buyer = stack.member("buyer").await;
    buyer.client.data("{ me { id } }", json!({})).await;
    let order = stack.module_url("order");
    let http = reqwest::Client::new();
    for name in ["madeUp1", "madeUp2"] {
        let body = json!({"query": format!("{{ {name} }}"), "operationName": null});
        http.post(format!("{order}/graphql")).json(&body).send().await.unwrap();
    }
    // A stranger asks for what only somebody who is logged in has.
    let body = json!({"query": "{ order(id: \"01890000-0000-7000-8000-000000000000\") { id } }"});
    http.post(format!("{order}/graphql")).json(&body).send().await.unwrap();

    let all = metrics_with(&stack, "refusals", |all| all.contains(r#"outcome="refused""#)).await;
    assert!(!all.contains("madeUp"), "a client made a label up:\n{all}");
    let counted = |labels: &str| value(&all, &format!("shopnexus_graphql_requests_total{{{labels}}}"));
    assert!(counted(r#"module="account",operation="me",outcome="ok""#).unwrap() >= 1.0, "{all}");
    assert_eq!(counted(r#"module="order",operation="invalid",outcome="refused""#), Some(2.0), "{all}");
    assert!(all.contains(r#"shopnexus_graphql_request_seconds_bucket{module="account",operation="me",le="0.5"}"#));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_moves_the_gauges_of_business() {
    let stack = stack(Layout::Together).await;
    let shop = Shop::open(&stack, 3).await;
    let buyer = stack.member("buyer").await;
    act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 2)).await;
    let pending = r#"shopnexus_order_items_pending{module="order"}"#;
    let units = r#"shopnexus_reservation_units_open{module="inventory"}"#;
    metrics_with(&stack, "the item and its units", |all| {
        value(all, pending) == Some(1.0) && value(all, units) == Some(2.0)
    })
    .await;
    // Items are late only while the round that ends them does not come.
    take_away(&stack, "restate").await;
    let deadline = "UPDATE \"order\".order_item SET deadline_at = now() - interval '1 hour'";
    let owner = stack.database.connect_as_owner().await;
    sea_orm::ConnectionTrait::execute_unprepared(&owner, deadline).await.unwrap();
    owner.close().await.unwrap();
    metrics_with(&stack, "that the seller is late", |all| {
        value(all, r#"shopnexus_order_items_overdue{module="order"}"#) == Some(1.0)
    })
    .await;
    bring_back(&stack, "restate").await;
    metrics_with(&stack, "that the item has expired", |all| value(all, pending).is_none_or(|items| items == 0.0)).await;
    stack.assert_sound().await;
}

/// Waits until a module answers about its readiness as it should. On a busy machine a check may have no answer in time.
async fn readiness(stack: &Stack, module: &str, what: &str, is: impl Fn(StatusCode, &Value) -> bool) {
    let url = format!("{}/readyz", stack.module_url(module));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
    let mut seen = "nothing".to_owned();
    while tokio::time::Instant::now() < deadline {
        if let Ok(answer) = reqwest::get(&url).await {
            let status = answer.status();
            let report: Value = answer.json().await.unwrap_or_default();
            if is(status, &report) {
                return;
            }
            seen = format!("{status}: {report:#}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{module} does not show {what}: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_is_ready_only_with_migrations_and_registered_handlers() {
    let stack = stack(Layout::Apart).await;
    let whole = json!({"database": "ok", "redis": "ok", "restate": "ok", "migrations": "ok"});
    let is_whole = |status: StatusCode, report: &Value| status == StatusCode::OK && report["checks"] == whole;
    for module in MODULES {
        readiness(&stack, module, "all that it needs", is_whole).await;
    }
    // A database that lacks a migration of this program.
    let owner = stack.database.connect_as_owner().await;
    let forget = "DELETE FROM seaql_migrations WHERE version LIKE '%index_unfinished_work'";
    sea_orm::ConnectionTrait::execute_unprepared(&owner, forget).await.unwrap();
    let lacks = |report: &Value| {
        report["checks"]["migrations"].as_str().is_some_and(|told| told.contains("index_unfinished_work"))
    };
    let went_on = |status: StatusCode, report: &Value| status == StatusCode::OK && lacks(report);
    readiness(&stack, "order", "that it goes on with its database, and what it lacks", went_on).await;
    let away = r#"shopnexus_dependency_up{dependency="migrations",module="order"}"#;
    metrics_with(&stack, "the missing migration", |all| value(all, away) == Some(0.0)).await;

    // The module that starts on such a database is not ready, until it has the migration.
    let pid = stack.status()["modules"]["order"]["pid"].as_i64().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.try_into().unwrap()), nix::sys::signal::Signal::SIGKILL)
        .unwrap();
    let waits = |status: StatusCode, report: &Value| status == StatusCode::SERVICE_UNAVAILABLE && lacks(report);
    readiness(&stack, "order", "that it waits for its migration", waits).await;
    let again = "INSERT INTO seaql_migrations (version, applied_at)
                 VALUES ('m20260101_000190_index_unfinished_work', 0)";
    sea_orm::ConnectionTrait::execute_unprepared(&owner, again).await.unwrap();
    owner.close().await.unwrap();
    readiness(&stack, "order", "all that it needs", is_whole).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_levels_of_the_log_change_while_it_runs_for_operators_alone() {
    let token = "operators-only";
    let stack = Stack::start_with(Layout::Together, &[("OPERATOR_TOKEN", token)]).await;
    let url = format!("{}/log-level", stack.module_url("order"));
    let http = reqwest::Client::new();
    let put = async |bearer: &str, levels: &str| {
        http.put(&url).bearer_auth(bearer).body(levels.to_owned()).send().await.unwrap()
    };
    assert_eq!(put("somebody", "debug").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(http.get(&url).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let refused = put(token, "order=loud").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(refused.text().await.unwrap().contains("do not parse"));

    let log = || std::fs::read_to_string(stack.data_dir().join("logs/modules.log")).unwrap_or_default();
    assert!(!log().contains("DEBUG"), "the log is quiet at first");
    assert_eq!(put(token, "debug,hyper=info").await.status(), StatusCode::OK);
    let told: Value = http.get(&url).bearer_auth(token).send().await.unwrap().json().await.unwrap();
    assert_eq!(told["levels"], "debug,hyper=info");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !log().contains("DEBUG") {
        stack.client().data("{ products(first: 1) { nodes { id } } }", json!({})).await;
        assert!(tokio::time::Instant::now() < deadline, "nothing is logged at the new level");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stack.assert_sound().await;
}

type Pushed = Arc<Mutex<BTreeSet<String>>>;

async fn take(State(pushed): State<Pushed>, body: Bytes) -> Response {
    // A gRPC message stands behind a flag and its length: five bytes.
    let request = ExportMetricsServiceRequest::decode(&body[5..]).unwrap();
    let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
    pushed.lock().unwrap().extend(scopes.flat_map(|scope| scope.metrics).map(|metric| metric.name));
    accepted()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_metrics_are_pushed_to_a_collector_when_there_is_one() {
    let pushed = Pushed::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let route = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    let app = Router::new().route(route, post(take)).fallback(async || accepted()).with_state(pushed.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_METRIC_EXPORT_INTERVAL", "300")];
    let stack = Stack::start_with(Layout::Together, &variables).await;
    stack.client().data("{ products(first: 1) { nodes { id } } }", json!({})).await;
    let wanted =
        ["shopnexus_graphql_requests", "shopnexus_sql_seconds", "shopnexus_orders_open", "shopnexus_dependency_up"];
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !wanted.iter().all(|name| pushed.lock().unwrap().contains(*name)) {
        assert!(tokio::time::Instant::now() < deadline, "pushed were only {:?}", pushed.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stack.assert_sound().await;
}
