//! Serving a module: one port for its graph, its durable handlers, its health and its metrics.

use std::{sync::Arc, time::Duration};

use async_graphql::{Data, Executor, Request, Response, ServerError, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{
    GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket, rejection::GraphQLRejection,
};
use axum::{
    Json, Router,
    extract::{State, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response as HttpResponse},
    routing::{any, get, post},
};
use futures::{Stream, StreamExt, stream::BoxStream};
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Error, Result, Viewer,
    auth::Authenticator,
    config::{Config, ModuleName},
    module::{Module, Platform, StartError},
    telemetry,
};

/// The header that carries the request id, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id that log lines, errors and answers of one request share.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id the client or the router sent, if it is a decent one, or a new one.
    fn of(headers: &HeaderMap) -> Self {
        let decent = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(decent);
        Self(sent.map_or_else(|| Uuid::now_v7().to_string(), ToOwned::to_owned))
    }
}

/// The routes every module has.
pub(crate) fn routes<E: Executor>(
    name: ModuleName,
    platform: &Platform,
    database: DatabaseConnection,
    schema: E,
    endpoint: Endpoint,
    prepare: impl Fn(Request) -> Request + Clone + Send + Sync + 'static,
) -> Router {
    let graph = Graph {
        module: name,
        executor: Framed { module: name, schema, prepare: Arc::new(prepare) },
        authenticator: platform.authenticator.clone(),
    };
    Router::new()
        .route("/graphql", post(execute::<E>))
        .route("/graphql/ws", get(subscribe::<E>))
        .with_state(graph)
        .merge(Router::new().route("/restate/{*path}", any(durable)).with_state(endpoint))
        .merge(Router::new().route("/readyz", get(ready)).with_state(database))
        .route("/healthz", get(async || "ok"))
        .route("/metrics", get(async || telemetry::metrics()))
}

/// A schema whose every answer is framed: request-scoped data on the way in, codes and request id on the way out.
struct Framed<E> {
    module: ModuleName,
    schema: E,
    prepare: Arc<dyn Fn(Request) -> Request + Send + Sync>,
}

impl<E: Clone> Clone for Framed<E> {
    fn clone(&self) -> Self {
        Self { module: self.module, schema: self.schema.clone(), prepare: self.prepare.clone() }
    }
}

impl<E: Executor> Executor for Framed<E> {
    async fn execute(&self, request: Request) -> Response {
        let id = request_id(&request, None);
        let timer = telemetry::GRAPHQL_SECONDS.with_label_values(&[self.module.as_str()]).start_timer();
        let response = framed(self.schema.execute((self.prepare)(request)).await, &id);
        timer.observe_duration();
        let outcome = if response.errors.is_empty() { "ok" } else { "error" };
        telemetry::GRAPHQL_REQUESTS.with_label_values(&[self.module.as_str(), outcome]).inc();
        response
    }

    fn execute_stream(&self, request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let id = request_id(&request, session_data.as_deref());
        let stream = self.schema.execute_stream((self.prepare)(request), session_data);
        stream.map(move |response| framed(response, &id)).boxed()
    }
}

fn request_id(request: &Request, session: Option<&Data>) -> RequestId {
    let id = request.data.get(&std::any::TypeId::of::<RequestId>());
    let id = id.or_else(|| session?.get(&std::any::TypeId::of::<RequestId>()));
    id.and_then(|id| id.downcast_ref::<RequestId>()).cloned().unwrap_or_else(|| RequestId(Uuid::now_v7().to_string()))
}

/// Gives every error a code and the request id, and hides the text of errors that no resolver chose to show.
fn framed(mut response: Response, id: &RequestId) -> Response {
    for error in &mut response.errors {
        let coded = error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some());
        if !coded {
            if error.source.is_some() {
                *error = hidden(error);
            } else {
                // Parsing, validation, and values that are not of their type.
                error.extensions.get_or_insert_default().set("code", "BAD_USER_INPUT");
            }
        }
        error.extensions.get_or_insert_default().set("requestId", id.0.as_str());
    }
    response
}

fn hidden(error: &ServerError) -> ServerError {
    let mut shown = async_graphql::Error::from(Error::broken(format!("an unconverted error: {}", error.message)))
        .into_server_error(error.locations.first().copied().unwrap_or_default());
    shown.path.clone_from(&error.path);
    shown
}

struct Graph<E> {
    module: ModuleName,
    executor: Framed<E>,
    authenticator: Authenticator,
}

impl<E: Clone> Clone for Graph<E> {
    fn clone(&self) -> Self {
        Self { module: self.module, executor: self.executor.clone(), authenticator: self.authenticator.clone() }
    }
}

async fn execute<E: Executor>(
    State(graph): State<Graph<E>>,
    headers: HeaderMap,
    request: Result<GraphQLRequest, GraphQLRejection>,
) -> HttpResponse {
    let id = RequestId::of(&headers);
    let span =
        tracing::info_span!("graphql", module = %graph.module, request_id = %id.0, operation = tracing::field::Empty);
    telemetry::continue_trace(&span, &headers);
    let answer = async {
        let request = match request {
            Ok(request) => request.into_inner(),
            Err(rejection) => return rejection.into_response(),
        };
        if let Some(name) = &request.operation_name {
            tracing::Span::current().record("operation", name.as_str());
        }
        let request = match graph.authenticator.viewer_of(&headers).await {
            Ok(Some(viewer)) => request.data(viewer),
            Ok(None) => request,
            Err(error) => return GraphQLResponse::from(refused(error, &id)).into_response(),
        };
        GraphQLResponse::from(graph.executor.execute(request.data(id.clone())).await).into_response()
    };
    let mut answer = answer.instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        answer.headers_mut().insert(REQUEST_ID, value);
    }
    answer
}

/// The answer to a request that is refused as a whole.
fn refused(error: Error, id: &RequestId) -> Response {
    let error = async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default());
    framed(Response::from_errors(vec![ServerError { locations: Vec::new(), ..error }]), id)
}

async fn subscribe<E: Executor>(
    State(graph): State<Graph<E>>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> HttpResponse {
    let id = RequestId::of(&headers);
    let span = tracing::info_span!("subscription", module = %graph.module, request_id = %id.0);
    telemetry::continue_trace(&span, &headers);
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| {
        let authenticator = graph.authenticator.clone();
        GraphQLWebSocket::new(socket, graph.executor.clone(), protocol)
            .on_connection_init(move |payload| connection_data(authenticator, headers, id, payload))
            .serve()
            .instrument(span)
    })
}

/// Who is at the other end of a socket: by the payload of `connection_init` (`{"Authorization": "Bearer …"}`), or by
/// the header of the request that opened it, which is how a router passes it on.
async fn connection_data(
    authenticator: Authenticator,
    headers: HeaderMap,
    id: RequestId,
    payload: serde_json::Value,
) -> async_graphql::Result<Data> {
    let mut data = Data::default();
    let said = payload.as_object().and_then(|payload| {
        let (_, value) = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        value.as_str()
    });
    let viewer: Option<Viewer> = match said {
        Some(authorization) => Some(authenticator.viewer(authorization).await?),
        None => authenticator.viewer_of(&headers).await?,
    };
    if let Some(viewer) = viewer {
        data.insert(viewer);
    }
    data.insert(id);
    Ok(data)
}

async fn durable(State(endpoint): State<Endpoint>, request: axum::extract::Request) -> HttpResponse {
    endpoint.handle(request).map(axum::body::Body::new)
}

async fn ready(State(database): State<DatabaseConnection>) -> HttpResponse {
    match database.ping().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], Json(json!({"database": "unreachable"})))
                .into_response()
        }
    }
}

/// Serves modules until `stop` is cancelled; then lets the requests that run come to their end.
///
/// # Errors
/// A module's address is taken or not usable.
pub async fn run(config: &Config, modules: Vec<Module>, stop: CancellationToken) -> Result<(), StartError> {
    let mut servers = tokio::task::JoinSet::new();
    for module in modules {
        let address = config.listen(module.name)?;
        let listener = TcpListener::bind(address).await.map_err(|error| {
            StartError::Other(
                format!("{} cannot listen on {address}; is another one running?", module.name),
                Some(Box::new(error)),
            )
        })?;
        tracing::info!(module = %module.name, %address, "serving");
        for task in module.start_tasks {
            let stop = stop.clone();
            tokio::spawn(async move { stop.run_until_cancelled(start(module.name, task)).await });
        }
        let stopped = stop.clone().cancelled_owned();
        servers.spawn(async move { axum::serve(listener, module.app).with_graceful_shutdown(stopped).await });
    }
    stop.cancelled().await;
    // Open subscriptions never end by themselves, so the wait is bounded; their clients resume with `after`.
    let drained = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(5), drained).await.is_err() {
        tracing::info!("some connections were still open and are dropped");
    }
    Ok(())
}

/// Repeats a start task until it succeeds: the engines and the other modules come up in no fixed order.
async fn start(module: ModuleName, task: crate::module::StartTask) {
    let mut attempts: u64 = 0;
    while let Err(error) = task().await {
        attempts += 1;
        if attempts.is_multiple_of(30) {
            tracing::warn!(%module, attempts, ?error, "a start task does not succeed yet");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// A stream of one error, for a subscription that is refused before it begins.
pub fn refused_stream<T: Send + 'static>(error: Error) -> impl Stream<Item = async_graphql::Result<T>> + Send {
    futures::stream::once(async move { Err(async_graphql::Error::from(error)) })
}
