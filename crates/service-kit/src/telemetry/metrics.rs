//! Metrics: measured once, told twice. Prometheus reads them at `/metrics`, and an OpenTelemetry collector gets the same
//! ones when `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
//!
//! Labels come from short lists: modules, fields of the schema, handlers, outcomes. Never from what a client sends.

use std::{
    borrow::Cow,
    sync::LazyLock,
    time::{Duration, Instant},
};

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge, Histogram, Meter, MeterProvider, UpDownCounter},
};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
};
use prometheus::{Registry, TextEncoder};

use crate::config::ModuleName;

/// Seconds at which histograms of requests count: from a cached answer to one that is given up.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    registry: Registry,
    provider: SdkMeterProvider,
    meter: Meter,
    sql_statements: Counter<u64>,
    sql_failures: Counter<u64>,
    sql_seconds: Histogram<f64>,
    requests: Counter<u64>,
    request_seconds: Histogram<f64>,
    subscriptions: UpDownCounter<i64>,
    attempts: Counter<u64>,
}

impl Metrics {
    fn new() -> Self {
        let registry = Registry::new();
        let prometheus = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_scope_info()
            .without_target_info()
            .without_units()
            .build()
            .expect("the registry is new, so nothing in it has the exporter's name");
        let mut provider = SdkMeterProvider::builder()
            .with_reader(prometheus)
            .with_resource(Resource::builder().with_service_name("shopnexus").build());
        if let Some(exporter) = exporter() {
            provider = provider.with_reader(PeriodicReader::builder(exporter).with_interval(interval()).build());
        }
        let provider = provider.build();
        let meter = provider.meter("shopnexus");
        let counter = |name, help| meter.u64_counter(name).with_description(help).build();
        let seconds =
            |name, help| meter.f64_histogram(name).with_description(help).with_boundaries(SECONDS.to_vec()).build();
        Self {
            sql_statements: counter("shopnexus_sql_statements", "SQL statements executed"),
            sql_failures: counter("shopnexus_sql_failures", "SQL statements that failed"),
            sql_seconds: seconds("shopnexus_sql_seconds", "Duration of SQL statements"),
            requests: counter("shopnexus_graphql_requests", "GraphQL requests answered"),
            request_seconds: seconds("shopnexus_graphql_request_seconds", "Duration of GraphQL requests"),
            subscriptions: meter
                .i64_up_down_counter("shopnexus_subscriptions_open")
                .with_description("GraphQL subscriptions that are open")
                .build(),
            attempts: counter("shopnexus_durable_attempts", "Attempts to run durable handlers"),
            registry,
            provider,
            meter,
        }
    }
}

/// Where metrics are pushed to, when there is such a place.
fn exporter() -> Option<MetricExporter> {
    std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").filter(|url| !url.is_empty())?;
    let exporter = MetricExporter::builder().with_tonic().build();
    exporter.inspect_err(|error| eprintln!("metrics are not exported: {error}")).ok()
}

/// How often they are pushed: `OTEL_METRIC_EXPORT_INTERVAL`, a minute when it is not set.
fn interval() -> Duration {
    let milliseconds = std::env::var("OTEL_METRIC_EXPORT_INTERVAL").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(milliseconds.unwrap_or(60_000))
}

/// Begins to measure. Called inside the async runtime, because what is pushed travels on it.
pub(super) fn start() {
    LazyLock::force(&METRICS);
}

/// Pushes what was not pushed yet, at the end of the process.
pub(super) fn flush() {
    // At the very end there is nobody left to tell.
    let _ = METRICS.provider.force_flush();
}

/// All metrics of the process in Prometheus' text format.
pub fn text() -> String {
    TextEncoder::new().encode_to_string(&METRICS.registry.gather()).unwrap_or_else(|error| format!("# {error}\n"))
}

fn of_module(module: ModuleName) -> KeyValue {
    KeyValue::new("module", module.as_str())
}

/// Counts the SQL statements of a module. Tests read it to show that a list costs no more than a single entry.
pub(crate) fn statements(module: ModuleName) -> impl Fn(Duration, bool) + Send + Sync + 'static {
    let labels = [of_module(module)];
    move |elapsed, failed| {
        METRICS.sql_statements.add(1, &labels);
        METRICS.sql_seconds.record(elapsed.as_secs_f64(), &labels);
        if failed {
            METRICS.sql_failures.add(1, &labels);
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Without an error.
    Ok,
    /// The client asked for what it may not have, or in a way that is not understood.
    Refused,
    /// The fault is ours.
    Fault,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Fault => "fault",
        }
    }
}

/// Counts a GraphQL request that began at `begun`. `operation` is the root field that it asked for.
pub(crate) fn request(module: ModuleName, operation: String, outcome: Outcome, begun: Instant) {
    let [module, operation] = [of_module(module), KeyValue::new("operation", operation)];
    METRICS.request_seconds.record(begun.elapsed().as_secs_f64(), &[module.clone(), operation.clone()]);
    METRICS.requests.add(1, &[module, operation, KeyValue::new("outcome", outcome.as_str())]);
}

/// Counts an attempt to run a durable handler, as in `Checkout/submit`.
pub(crate) fn attempt(module: ModuleName, handler: String) {
    METRICS.attempts.add(1, &[of_module(module), KeyValue::new("handler", handler)]);
}

/// A subscription, counted while it is open.
pub(crate) struct Subscribed(KeyValue);

impl Subscribed {
    pub(crate) fn new(module: ModuleName) -> Self {
        let label = of_module(module);
        METRICS.subscriptions.add(1, std::slice::from_ref(&label));
        Self(label)
    }
}

impl Drop for Subscribed {
    fn drop(&mut self) {
        METRICS.subscriptions.add(-1, std::slice::from_ref(&self.0));
    }
}

/// A value that is read now and then rather than counted.
pub(crate) struct Reading {
    module: ModuleName,
    gauge: Gauge<f64>,
}

impl Reading {
    /// A gauge of this name, told of each instance of the module.
    pub(crate) fn new(module: ModuleName, name: &'static str, help: &'static str) -> Self {
        Self { module, gauge: METRICS.meter.f64_gauge(name).with_description(help).build() }
    }

    /// Records what was read.
    pub(crate) fn record(&self, label: Option<(&'static str, Cow<'static, str>)>, value: f64) {
        let mut labels = vec![of_module(self.module)];
        labels.extend(label.map(|(name, value)| KeyValue::new(name, value)));
        self.gauge.record(value, &labels);
    }
}
