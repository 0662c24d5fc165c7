//! Serving a module: one port for its graph, its durable handlers, its health and its metrics.

use std::{
    any::TypeId,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{
    Data, Executor, Request, Response, ServerError, Value, http::ALL_WEBSOCKET_PROTOCOLS, parser::types::Selection,
};
use async_graphql_axum::{
    GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket, rejection::GraphQLRejection,
};
use axum::{
    Extension, Router,
    body::Body,
    extract::{ConnectInfo, State, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{IntoResponse, Response as HttpResponse},
    routing::{any, get, post},
};
use futures::{StreamExt, stream::BoxStream};
use restate_sdk::endpoint::Endpoint;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    Error, Result,
    auth::Authenticator,
    config::{Config, ModuleName},
    module::{Module, Platform, StartError},
    readiness::Readiness,
    telemetry::{
        self, levels,
        metrics::{self, Outcome},
    },
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

/// The address of the client, as far as it can be told, for limits and for nothing else: the peer itself, or what a
/// proxy in front of us (the router is one) wrote last into `X-Forwarded-For`. Only a peer in a private network is
/// taken for a proxy, so that the address cannot be forged from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    fn of(peer: SocketAddr, headers: &HeaderMap) -> Self {
        let peer = peer.ip().to_canonical();
        if !is_private(peer) {
            return Self(peer);
        }
        let entries = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> =
            entries.flat_map(|value| value.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
        // Balancers before the router are private too: the last public hop is the client.
        let client = hops.iter().rev().find(|hop| !is_private(**hop)).or(hops.last());
        Self(client.copied().unwrap_or(peer).to_canonical())
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// The routes every module has.
pub(crate) fn routes<E: Executor>(
    name: ModuleName,
    platform: &Platform,
    readiness: &Readiness,
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
        .merge(Router::new().route("/restate/{*path}", any(durable)).with_state((name, endpoint)))
        .merge(readiness.route())
        .merge(levels::route(platform.config.setting("OPERATOR_TOKEN").map(|token| token.to_owned().into())))
        .route("/healthz", get(async || "ok"))
        .route("/metrics", get(async || metrics::text()))
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
    async fn execute(&self, mut request: Request) -> Response {
        let begun = Instant::now();
        let id = request_id(&request, None);
        let asked = asked(&mut request);
        let response = framed(self.schema.execute((self.prepare)(request)).await, &id);
        let (operation, outcome) = ended(asked, &response);
        metrics::request(self.module, operation, outcome, begun);
        response
    }

    fn execute_stream(&self, request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let id = request_id(&request, session_data.as_deref());
        let session = session_data.as_deref();
        if session.is_some_and(|session| session.get(&TypeId::of::<UnprovenToken>()).is_some()) {
            return futures::stream::once(async move { refused(Error::Unauthenticated, &id) }).boxed();
        }
        let open = metrics::Subscribed::new(self.module);
        let stream = self.schema.execute_stream((self.prepare)(request), session_data);
        stream
            .map(move |response| {
                let _counted_while_open = &open;
                framed(response, &id)
            })
            .boxed()
    }
}

/// The root field that a request asks for, `several` when there are more than one, and nothing when it does not parse.
fn asked(request: &mut Request) -> Option<String> {
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    let mut operations = document.operations.iter();
    let (_, operation) = match name {
        Some(name) => operations.find(|(known, _)| known.is_some_and(|known| known.as_str() == name)),
        None => operations.next(),
    }?;
    match operation.node.selection_set.node.items.as_slice() {
        [one] => match &one.node {
            Selection::Field(field) => Some(field.node.name.node.to_string()),
            _ => Some("several".to_owned()),
        },
        _ => Some("several".to_owned()),
    }
}

/// What is counted of a request. A field that is not in the schema is not named, so that no client can make names up.
fn ended(asked: Option<String>, response: &Response) -> (String, Outcome) {
    let code = |error: &ServerError| match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => code.clone(),
        _ => String::new(),
    };
    let outcome = match response.errors.as_slice() {
        [] => Outcome::Ok,
        errors if errors.iter().any(|error| ["INTERNAL", "UNAVAILABLE"].contains(&&*code(error))) => Outcome::Fault,
        _ => Outcome::Refused,
    };
    // Errors of parsing and validation belong to no field.
    let executed = response.errors.iter().all(|error| !error.path.is_empty());
    (asked.filter(|_| executed).unwrap_or_else(|| "invalid".to_owned()), outcome)
}

fn request_id(request: &Request, session: Option<&Data>) -> RequestId {
    let id = request.data.get(&TypeId::of::<RequestId>());
    let id = id.or_else(|| session?.get(&TypeId::of::<RequestId>()));
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
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
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
        let request = match &peer {
            Some(Extension(ConnectInfo(peer))) => request.data(ClientAddress::of(*peer, &headers)),
            None => request,
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

/// Bytes that each socket reads at once. A router sends one short operation over it and then nothing, and the usual
/// 128 KiB would be nearly all the memory of a subscription.
const SOCKET_READ_BUFFER: usize = 1024;

async fn subscribe<E: Executor>(
    State(graph): State<Graph<E>>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> HttpResponse {
    let id = RequestId::of(&headers);
    let span = tracing::info_span!("subscription", module = %graph.module, request_id = %id.0);
    telemetry::continue_trace(&span, &headers);
    let upgrade = upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).read_buffer_size(SOCKET_READ_BUFFER);
    upgrade.on_upgrade(move |socket| {
        let authenticator = graph.authenticator.clone();
        GraphQLWebSocket::new(socket, graph.executor.clone(), protocol)
            .on_connection_init(move |payload| connection_data(authenticator, headers, payload))
            .serve()
            .instrument(span)
    })
}

/// A token was given when the socket was opened, and it proves nothing. The socket is accepted all the same, because a
/// router tells its client only that a closed one is "unavailable"; whatever is asked over it is refused.
struct UnprovenToken;

/// Who is at the other end of a socket: by the payload of `connection_init` (`{"Authorization": "Bearer …"}`, to which a
/// router adds what else it passes on), or by the headers of the request that opened it.
async fn connection_data(
    authenticator: Authenticator,
    mut headers: HeaderMap,
    payload: serde_json::Value,
) -> async_graphql::Result<Data> {
    for (name, value) in payload.as_object().into_iter().flatten() {
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name.as_str()), value) {
            headers.insert(name, value);
        }
    }
    let mut data = Data::default();
    data.insert(RequestId::of(&headers));
    match authenticator.viewer_of(&headers).await {
        Ok(Some(viewer)) => data.insert(viewer),
        Ok(None) => {}
        Err(Error::Unauthenticated) => data.insert(UnprovenToken),
        // Nothing is known about the token, so its bearer is not told that it is bad.
        Err(error) => return Err(error.into()),
    }
    Ok(data)
}

/// Hands an invocation to the durable handlers, as a part of the trace of whoever caused it.
async fn durable(
    State((module, endpoint)): State<(ModuleName, Endpoint)>,
    request: axum::extract::Request,
) -> HttpResponse {
    let handler = request.uri().path().split_once("/invoke/").map(|(_, handler)| handler.to_owned());
    let span = tracing::info_span!("durable", path = request.uri().path());
    telemetry::continue_trace(&span, request.headers());
    let response = endpoint.handle(request);
    // Only what is a handler, and was asked for by the engine, becomes a label.
    if let Some(handler) = handler.filter(|_| response.status().is_success()) {
        metrics::attempt(module, handler);
    }
    response.map(|body| {
        // The handler runs while its answer is read.
        let mut body = Body::new(body).into_data_stream();
        Body::from_stream(futures::stream::poll_fn(move |context| span.in_scope(|| body.poll_next_unpin(context))))
    })
}

/// Serves modules until `stop` is cancelled; then lets the requests that run come to their end.
///
/// # Errors
/// A module's address is taken or not usable.
pub async fn run(config: &Config, modules: Vec<Module>, stop: CancellationToken) -> Result<(), StartError> {
    let mut servers = tokio::task::JoinSet::new();
    let period = Duration::from_secs(config.setting_or("METRICS_SECONDS", 15_u64)?.max(1));
    for module in modules {
        let address = config.listen(module.name)?;
        let reader = module.gauge_reader().await;
        tokio::spawn(reader.run(period, stop.clone()));
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
        let app = module.app.into_make_service_with_connect_info::<SocketAddr>();
        servers.spawn(async move { axum::serve(listener, app).with_graceful_shutdown(stopped).await });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        ClientAddress::of(SocketAddr::new(peer.parse().unwrap(), 1), &headers).0.to_string()
    }

    #[test]
    fn a_client_cannot_choose_its_address() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger is no proxy");
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 203.0.113.9"]), "203.0.113.9", "the last hop was seen by our proxy");
        assert_eq!(client("10.0.0.2", &["6.6.6.6", "203.0.113.9, 10.0.0.3"]), "203.0.113.9");
        assert_eq!(client("127.0.0.1", &["127.0.0.1"]), "127.0.0.1");
        assert_eq!(client("::ffff:127.0.0.1", &[]), "127.0.0.1");
    }
}
