//! A GraphQL client as a front end is one: HTTP for operations, WebSocket (`graphql-transport-ws`) or server-sent events
//! (the distinct connections mode of `graphql-sse`) for subscriptions.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt, stream::BoxStream};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

/// Talks to one GraphQL endpoint, as one viewer or as a stranger.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    websocket_url: String,
    token: Option<String>,
    patient: bool,
}

/// The answer to an operation.
#[derive(Debug, Clone)]
pub struct Reply {
    /// `data`, or null.
    pub data: Value,
    /// `errors`, empty when there are none.
    pub errors: Vec<Value>,
}

impl Client {
    /// A stranger at `url`, whose subscriptions go to `websocket_url`, unless that is empty.
    pub fn new(url: impl Into<String>, websocket_url: impl Into<String>) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.into(),
            websocket_url: websocket_url.into(),
            token: None,
            patient: false,
        }
    }

    /// The same client, which sends an operation again when a fault answers it, as a good front end does.
    #[must_use]
    pub fn patient(&self) -> Self {
        Self { patient: true, ..self.clone() }
    }

    /// The same client with an access token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Whether the endpoint has subscriptions: not every router does.
    pub fn has_subscriptions(&self) -> bool {
        !self.websocket_url.is_empty()
    }

    /// The access token, if there is one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Sends an operation and gives the whole answer.
    pub async fn send(&self, query: &str, variables: Value) -> Reply {
        let answer = self.request(query, variables).send().await.expect("the endpoint answers");
        let status = answer.status();
        let text = answer.text().await.expect("the answer has a body");
        let body: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("the endpoint answered {status} with {text:?}"));
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        Reply { data: body["data"].clone(), errors }
    }

    /// Sends an operation to an endpoint that may be away. `None` when no whole answer came back.
    pub async fn try_send(&self, query: &str, variables: Value) -> Option<Reply> {
        let answer = self.request(query, variables).timeout(Duration::from_secs(30)).send().await.ok()?;
        let body: Value = answer.json().await.ok()?;
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        Some(Reply { data: body["data"].clone(), errors })
    }

    fn request(&self, query: &str, variables: Value) -> reqwest::RequestBuilder {
        let request = self.http.post(&self.url).json(&json!({"query": query, "variables": variables}));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends an operation that must succeed, and gives its data.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(300);
        let mut reply = self.send(query, variables.clone()).await;
        while self.patient
            && matches!(reply.code(), Some("INTERNAL" | "UNAVAILABLE"))
            && tokio::time::Instant::now() < deadline
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
            reply = self.send(query, variables.clone()).await;
        }
        assert!(reply.errors.is_empty(), "{query}\nanswered {:#?}", reply.errors);
        reply.data
    }

    /// Runs a mutation that must not be refused, and gives the payload of its only field.
    pub async fn act(&self, mutation: &str, input: Value) -> Value {
        let data = self.data(mutation, json!({"input": input})).await;
        let payload = data.as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
        assert_eq!(payload["userErrors"], json!([]), "{mutation}\nwas refused: {payload:#}");
        payload
    }

    /// Sends an operation until `done` holds of its data, for what becomes true soon. Fails after `patience`.
    pub async fn eventually(
        &self,
        query: &str,
        variables: Value,
        patience: Duration,
        done: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let reply = self.send(query, variables.clone()).await;
            if reply.errors.is_empty() && done(&reply.data) {
                return reply.data;
            }
            assert!(tokio::time::Instant::now() < deadline, "{query}\nstill answers {reply:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Opens a subscription. It is open when this returns.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Subscription {
        self.try_subscribe(query, variables).await.expect("the endpoint accepts WebSockets and acknowledges")
    }

    /// Opens a subscription at an endpoint that may be away. `None` when it does not open within ten seconds.
    pub async fn try_subscribe(&self, query: &str, variables: Value) -> Option<Subscription> {
        tokio::time::timeout(Duration::from_secs(10), self.open(query, variables)).await.ok()?
    }

    async fn open(&self, query: &str, variables: Value) -> Option<Subscription> {
        let mut request = self.websocket_url.as_str().into_client_request().expect("the URL is a WebSocket URL");
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (mut socket, _) = connect_async(request).await.ok()?;
        let payload =
            self.token.as_ref().map_or_else(|| json!({}), |token| json!({"Authorization": format!("Bearer {token}")}));
        send(&mut socket, json!({"type": "connection_init", "payload": payload})).await?;
        let mut subscription = Subscription { socket };
        let acknowledged = subscription.message().await?;
        assert_eq!(acknowledged["type"], "connection_ack");
        let payload = json!({"query": query, "variables": variables});
        send(&mut subscription.socket, json!({"id": "1", "type": "subscribe", "payload": payload})).await?;
        Some(subscription)
    }

    /// Opens a subscription over server-sent events.
    pub async fn subscribe_by_sse(&self, query: &str, variables: Value) -> EventStream {
        let request = self.request(query, variables).header("accept", "text/event-stream");
        let answer = request.send().await.expect("the endpoint answers");
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        EventStream { body: answer.bytes_stream().boxed(), received: String::new() }
    }
}

/// An open subscription over server-sent events.
pub struct EventStream {
    body: BoxStream<'static, reqwest::Result<Bytes>>,
    received: String,
}

impl EventStream {
    /// The data of the next event. Fails after a minute, and when the stream ends.
    pub async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.received.split_once("\n\n") {
                let data =
                    event.lines().find_map(|line| line.strip_prefix("data:")).map(str::trim).map(ToOwned::to_owned);
                let is_next = event.lines().any(|line| line == "event: next");
                self.received = rest.to_owned();
                if let (true, Some(data)) = (is_next, data) {
                    let mut result: Value = serde_json::from_str(&data).expect("events carry JSON");
                    assert!(result["errors"].is_null(), "the stream answered {result:#}");
                    return result["data"].take();
                }
                // A heartbeat.
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(60), self.body.next()).await;
            let chunk = chunk.expect("an event arrives within a minute").expect("the stream is open");
            self.received.push_str(&String::from_utf8_lossy(&chunk.expect("the stream is not broken")));
        }
    }
}

impl Reply {
    /// The `extensions.code` of the first error.
    pub fn code(&self) -> Option<&str> {
        self.errors.first()?["extensions"]["code"].as_str()
    }
}

/// An open subscription.
pub struct Subscription {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Subscription {
    /// The next event: `Ok` with its data, `Err` with the errors that ended the stream. Fails after a minute.
    pub async fn next(&mut self) -> Result<Value, Value> {
        let message = tokio::time::timeout(Duration::from_secs(60), self.message())
            .await
            .expect("an event arrives within a minute")
            .expect("the stream is open");
        read(message)
    }

    /// What arrives next within `patience`, as [`Subscription::next`] gives it. `None` when the endpoint has gone away, or
    /// nothing arrives.
    pub async fn try_next(&mut self, patience: Duration) -> Option<Result<Value, Value>> {
        let message = tokio::time::timeout(patience, self.message()).await.ok()??;
        Some(read(message))
    }

    /// The next event for which `wanted` holds; earlier ones are passed over.
    pub async fn next_where(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await.unwrap_or_else(|end| panic!("the stream ended with {end:#}"));
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Whether nothing arrives for a while.
    pub async fn is_silent_for(&mut self, while_: Duration) -> bool {
        tokio::time::timeout(while_, self.message()).await.is_err()
    }

    async fn message(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("the protocol speaks JSON");
                    match message["type"].as_str() {
                        Some("ping") => send(&mut self.socket, json!({"type": "pong"})).await?,
                        _ => return Some(message),
                    }
                }
                Message::Close(frame) => return Some(json!({"type": "close", "reason": format!("{frame:?}")})),
                _ => {}
            }
        }
    }
}

/// The data of an event, or the message that is something else.
fn read(message: Value) -> Result<Value, Value> {
    match message["type"].as_str() {
        Some("next") if message["payload"]["errors"].is_null() => Ok(message["payload"]["data"].clone()),
        _ => Err(message),
    }
}

/// Sends a message. `None` when the socket is closed.
async fn send(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>, message: Value) -> Option<()> {
    socket.send(Message::text(message.to_string())).await.ok()
}
