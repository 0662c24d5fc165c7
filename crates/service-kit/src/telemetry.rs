//! Logs, traces and metrics of a process.
//!
//! Logs are readable on a terminal and JSON in production; their level can be changed while the process runs
//! ([`levels`]). Traces and metrics go to an OpenTelemetry collector when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; the same
//! metrics are at `/metrics` for Prometheus ([`metrics`]). None of them carries personal data, tokens or bodies.

pub mod levels;
pub mod metrics;

use std::io::IsTerminal;

use http::HeaderMap;
use opentelemetry::{global, propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use restate_sdk::filter::ReplayAwareFilter;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Flushes what is not exported yet when it is dropped at the end of `main`.
#[must_use = "dropping it ends the export of traces"]
pub struct TelemetryGuard(Option<SdkTracerProvider>);

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take() {
            // At the very end there is nobody left to tell.
            let _ = provider.shutdown();
        }
        metrics::flush();
    }
}

/// Starts logging and tracing for the process. Call it once, inside the async runtime.
pub fn init(service: &'static str) -> TelemetryGuard {
    metrics::start();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let filter =
        |default: &str| EnvFilter::try_from_default_env().map_or_else(|_| levels::filter(default), levels::completed);
    // Statements and batches are spans of a trace; around a line of the log they would be noise.
    let engines = "info,lance=warn,lancedb=warn,datafusion=warn,sqlx=warn";
    let log_filter = levels::changeable(filter(&format!("{engines},sea_orm=warn,async_graphql=warn")));
    let json = std::env::var("LOG_FORMAT").is_ok_and(|format| format == "json");
    let logs = if json {
        tracing_subscriber::fmt::layer().json().flatten_event(true).boxed()
    } else {
        tracing_subscriber::fmt::layer().with_ansi(std::io::stdout().is_terminal()).boxed()
    };
    let provider = exporter(service);
    let traces = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(service))
            .with_filter(filter(engines))
            .with_filter(ReplayAwareFilter)
    });
    tracing_subscriber::registry()
        .with(logs.with_filter(log_filter).with_filter(ReplayAwareFilter))
        .with(traces)
        .init();
    TelemetryGuard(provider)
}

fn exporter(service: &'static str) -> Option<SdkTracerProvider> {
    std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").filter(|url| !url.is_empty())?;
    match SpanExporter::builder().with_tonic().build() {
        Ok(exporter) => Some(
            SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(Resource::builder().with_service_name(service).build())
                .build(),
        ),
        Err(error) => {
            eprintln!("traces are not exported: {error}");
            None
        }
    }
}

/// Makes `span` a child of the trace that a request carries in `traceparent`
/// ([W3C Trace Context](https://www.w3.org/TR/trace-context/)).
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    let context = TraceContextPropagator::new().extract(&Headers(headers));
    // Without an exporter there is no trace to continue.
    let _ = span.set_parent(context);
}

/// The headers that carry the current trace on to another process.
pub fn trace_headers() -> Vec<(String, String)> {
    let mut headers = std::collections::HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut headers);
    headers.into_iter().collect()
}

struct Headers<'a>(&'a HeaderMap);

impl opentelemetry::propagation::Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
