//! One trace from the router through the subgraph and the durable handler to the SQL it runs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, body::Bytes, extract::State, http::HeaderMap, response::Response, routing::post};
use http_body_util::{BodyExt, Full};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value as AnyValue},
};
use prost::Message;
use serde_json::{Value, json};
use test_kit::{Client, Layout, Stack};
use tokio::{net::TcpListener, sync::OnceCell};

use crate::stage::{Shop, checkout_of, operation};

/// A span as a collector received it.
#[derive(Debug, Clone)]
struct Span {
    service: String,
    name: String,
    trace_id: String,
    id: String,
    parent_id: String,
    attributes: HashMap<String, String>,
}

/// A marketplace whose spans come to a collector, which the tests of traces share.
pub(crate) async fn traced() -> &'static (Stack, Collector) {
    static TRACED: OnceCell<(Stack, Collector)> = OnceCell::const_new();
    let start = async || {
        let collector = Collector::default();
        let endpoint = collector.start();
        let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "200")];
        (Stack::start_with(Layout::Together, &variables).await, collector)
    };
    TRACED.get_or_init(start).await
}

/// Sends an operation as the request of a trace.
pub(crate) async fn ask_in_trace(stack: &Stack, client: &Client, trace_id: &str, body: &Value) -> Value {
    let url = stack.status()["router_url"].as_str().unwrap().to_owned();
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(client.token().unwrap())
        .header("traceparent", format!("00-{trace_id}-b7ad6b7169203331-01"))
        .json(body);
    request.send().await.unwrap().json().await.unwrap()
}

/// An OpenTelemetry collector that remembers: the gRPC method by which exporters hand spans over.
#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// Starts it, and gives its URL. It has a runtime of its own, because that of a test ends with the test.
    fn start(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let route = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        let app = Router::new().route(route, post(export)).with_state(self.clone());
        std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { axum::serve(TcpListener::from_std(listener).unwrap(), app).await })
        });
        url
    }

    /// The names of the SQL statements of a trace that has ended at the router, once no more of its spans arrive.
    pub(crate) async fn statements(&self, trace_id: &str) -> Vec<String> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let mut known = 0;
        loop {
            // Each process hands its spans over five times a second.
            tokio::time::sleep(Duration::from_secs(2)).await;
            let spans = self.of_trace(trace_id);
            let ended = spans.iter().any(|span| span.service == "shopnexus-router");
            if ended && spans.len() == known {
                let statements = spans.into_iter().filter(|span| span.attributes.contains_key("db.system"));
                return statements.map(|span| format!("{} {:?}", span.name, span.attributes)).collect();
            }
            assert!(tokio::time::Instant::now() < deadline, "the trace does not end: {spans:#?}");
            known = spans.len();
        }
    }

    fn of_trace(&self, trace_id: &str) -> Vec<Span> {
        self.0.lock().unwrap().iter().filter(|span| span.trace_id == trace_id).cloned().collect()
    }
}

async fn export(State(collector): State<Collector>, body: Bytes) -> Response {
    // A gRPC message stands behind a flag and its length: five bytes.
    let request = ExportTraceServiceRequest::decode(&body[5..]).unwrap();
    let mut spans = collector.0.lock().unwrap();
    for resource_spans in request.resource_spans {
        let resource = resource_spans.resource.map(|resource| texts(resource.attributes)).unwrap_or_default();
        for span in resource_spans.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(Span {
                service: resource["service.name"].clone(),
                name: span.name,
                trace_id: hex::encode(span.trace_id),
                id: hex::encode(span.span_id),
                parent_id: hex::encode(span.parent_span_id),
                attributes: texts(span.attributes),
            });
        }
    }
    accepted()
}

/// How a collector answers over gRPC: with nothing, and thanks.
pub(crate) fn accepted() -> Response {
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let empty = Full::new(Bytes::from_static(&[0; 5])).with_trailers(async { Some(Ok(trailers)) });
    Response::builder().header("content-type", "application/grpc").body(Body::new(empty)).unwrap()
}

fn texts(attributes: Vec<KeyValue>) -> HashMap<String, String> {
    let text = |attribute: KeyValue| match attribute.value?.value? {
        AnyValue::StringValue(text) => Some((attribute.key, text)),
        _ => None,
    };
    attributes.into_iter().filter_map(text).collect()
}

/// The spans from `span` up to the root, as far as they are known.
fn ancestors<'a>(spans: &'a [Span], span: &'a Span) -> Vec<&'a Span> {
    let mut chain = vec![span];
    while let Some(parent) = spans.iter().find(|candidate| candidate.id == chain[chain.len() - 1].parent_id) {
        chain.push(parent);
    }
    chain
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_is_one_trace_from_the_router_to_the_sql_of_the_durable_handler() {
    let (stack, collector) = traced().await;
    let shop = Shop::open(stack, 3).await;
    let buyer = stack.member("buyer").await;

    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let body = json!({
        "query": operation("09-buyer-checks-out"),
        "variables": {"input": checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1)},
    });
    let answer = ask_in_trace(stack, &buyer.client, trace_id, &body).await;
    assert_eq!(answer["data"]["checkout"]["items"].as_array().map(Vec::len), Some(2), "{answer:#}");

    // Exporters hand spans over in batches, a while after they ended.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let spans = collector.of_trace(trace_id);
        let missing = missing_of(&spans);
        if missing.is_empty() {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "the trace lacks {missing:?}: {spans:#?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stack.assert_sound().await;
}

/// What a checkout's trace must hold and `spans` do not.
fn missing_of(spans: &[Span]) -> Vec<&'static str> {
    let durable = |span: &Span, service: &str| {
        span.name == "durable" && span.attributes.get("path").is_some_and(|path| path.contains(service))
    };
    let sql_below = |above: &dyn Fn(&Span) -> bool| {
        spans
            .iter()
            .any(|span| span.attributes.contains_key("db.system") && ancestors(spans, span).into_iter().any(above))
    };
    let graphql = |span: &Span| span.name == "graphql";
    let holds = [
        ("a span of the router", spans.iter().any(|span| span.service == "shopnexus-router")),
        (
            "the subgraph's request below the router's",
            spans
                .iter()
                .filter(|span| graphql(span))
                .any(|span| ancestors(spans, span).iter().any(|ancestor| ancestor.service == "shopnexus-router")),
        ),
        ("SQL of a resolver", sql_below(&graphql)),
        ("SQL of the checkout", sql_below(&|span| durable(span, "/Checkout/submit"))),
        ("SQL of the reservation, in another module", sql_below(&|span| durable(span, "/InventoryStock/reserve"))),
    ];
    holds.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect()
}
