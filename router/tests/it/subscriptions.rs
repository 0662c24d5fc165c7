//! Subscriptions over WebSocket and SSE.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::process::Stack;

pub(crate) const WATCH: &str =
    "subscription { orderStatusChanged(id: \"7\") { sequence order { viewer product { name } } } }";

/// One connection by the protocol `graphql-transport-ws`.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(stack: &Stack, init: Value) -> Self {
        let mut request = format!("ws://{}/graphql", stack.address).into_client_request().expect("a request");
        let protocol = "graphql-transport-ws".parse().expect("a header");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (stream, answer) = connect_async(request).await.expect("a connection");
        assert_eq!(answer.headers()["sec-websocket-protocol"], "graphql-transport-ws");
        let mut socket = Self(stream);
        socket.send(json!({ "type": "connection_init", "payload": init })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket
    }

    pub(crate) async fn subscribe(&mut self, query: &str, extensions: Value) {
        let payload = json!({ "query": query, "extensions": extensions });
        self.send(json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("it is sent");
    }

    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("in time");
            match message.expect("the connection is open").expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a message of the protocol: {other:?}"),
            }
        }
    }

    /// Reads on; whether the connection ends within this time.
    pub(crate) async fn is_over_within(&mut self, time: Duration) -> bool {
        let end = async { while let Some(Ok(_)) = self.0.next().await {} };
        tokio::time::timeout(time, end).await.is_ok()
    }

    /// The next event of the subscription.
    pub(crate) async fn event(&mut self) -> Value {
        let message = self.receive().await;
        assert_eq!(message["type"], "next", "{message}");
        message["payload"].clone()
    }
}

#[tokio::test]
async fn events_join_an_entity_of_another_subgraph_over_websocket() {
    let stack = Stack::start().await;
    let mut socket = Socket::open(&stack, json!({ "Authorization": "Bearer a", "x-request-id": "ws-1" })).await;
    socket.subscribe(WATCH, Value::Null).await;
    for sequence in 1..=3 {
        let event = &socket.event().await["data"]["orderStatusChanged"];
        assert_eq!(event["sequence"], sequence);
        assert_eq!(event["order"]["viewer"], "Bearer a");
        assert_eq!(event["order"]["product"]["name"], "Product 7");
    }
    let connection = &stack.subgraphs.seen.by("order")[0];
    assert_eq!(connection.path, "/graphql/ws");
    assert_eq!(connection.headers["sec-websocket-protocol"], "graphql-transport-ws");
    assert_eq!(connection.init, Some(json!({ "authorization": "Bearer a", "x-request-id": "ws-1" })));
    assert!(!connection.headers.contains_key("authorization"), "the upgrade itself carries no token");
    let entity = &stack.subgraphs.seen.by("catalog")[0];
    assert_eq!(entity.headers["authorization"], "Bearer a");
    assert_eq!(entity.headers["x-request-id"], "ws-1");
}

#[tokio::test]
async fn two_viewers_never_share_a_stream() {
    let stack = Stack::start().await;
    let mut first = Socket::open(&stack, json!({ "Authorization": "Bearer a" })).await;
    let mut second = Socket::open(&stack, json!({ "Authorization": "Bearer b" })).await;
    let mut third = Socket::open(&stack, json!({ "Authorization": "Bearer a" })).await;
    for socket in [&mut first, &mut second, &mut third] {
        socket.subscribe(WATCH, Value::Null).await;
    }
    for _ in 0..5 {
        for (socket, token) in [(&mut first, "Bearer a"), (&mut second, "Bearer b"), (&mut third, "Bearer a")] {
            assert_eq!(socket.event().await["data"]["orderStatusChanged"]["order"]["viewer"], token);
        }
    }
    assert_eq!(stack.subgraphs.seen.by("order").len(), 3, "each subscription has a connection of its own");
}

#[tokio::test]
async fn an_operation_may_bring_a_newer_token() {
    let stack = Stack::start().await;
    let mut socket = Socket::open(&stack, json!({ "Authorization": "Bearer old" })).await;
    socket.subscribe(WATCH, json!({ "headers": { "authorization": "Bearer new" } })).await;
    assert_eq!(socket.event().await["data"]["orderStatusChanged"]["order"]["viewer"], "Bearer new");
}

#[tokio::test]
async fn queries_run_over_websocket_too() {
    let stack = Stack::start().await;
    let mut socket = Socket::open(&stack, json!({ "Authorization": "Bearer a" })).await;
    socket.subscribe("{ order(id: \"7\") { viewer } }", Value::Null).await;
    assert_eq!(socket.event().await["data"]["order"]["viewer"], "Bearer a");
    assert_eq!(socket.receive().await["type"], "complete");
    assert_eq!(stack.subgraphs.seen.by("order")[0].headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn a_refusal_of_the_subgraph_reaches_the_subscriber() {
    let stack = Stack::start().await;
    let mut socket = Socket::open(&stack, json!({})).await;
    socket.subscribe("subscription { orderStatusChanged(id: \"forbidden\") { sequence } }", Value::Null).await;
    let error = &socket.event().await["errors"][0];
    assert_eq!(error["message"], "This product is not yours", "{error}");
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{error}");
    assert_eq!(error["extensions"]["requestId"], "of-the-subgraph", "{error}");
    assert_eq!(socket.receive().await["type"], "complete");
}

#[tokio::test]
async fn a_subgraph_that_dies_ends_the_stream_with_an_error_and_without_its_address() {
    let stack = Stack::start().await;
    stack.subgraphs.kill_order();
    let mut socket = Socket::open(&stack, json!({})).await;
    socket.subscribe(WATCH, Value::Null).await;
    let event = socket.event().await;
    assert_eq!(event["errors"][0]["message"], "The service is unavailable at the moment. Try again.", "{event}");
    assert!(!event.to_string().contains("127.0.0.1"), "{event}");
    assert_eq!(socket.receive().await["type"], "complete");
}

#[tokio::test]
async fn another_subprotocol_is_refused() {
    let stack = Stack::start().await;
    let mut request = format!("ws://{}/graphql", stack.address).into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-ws".parse().expect("a header"));
    if let Ok((mut socket, _)) = connect_async(request).await {
        let Some(Ok(Message::Close(Some(close)))) = socket.next().await else {
            panic!("it should close");
        };
        assert_eq!(u16::from(close.code), 4406);
    }
}

#[tokio::test]
async fn events_arrive_as_server_sent_events() {
    let stack = Stack::start().await;
    let answer = Client::new()
        .post(stack.url("/graphql"))
        .header("accept", "text/event-stream")
        .header("accept-encoding", "gzip, br")
        .header("authorization", "Bearer sse")
        .json(&json!({ "query": WATCH }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
    let mut body = answer.bytes_stream();
    let mut text = String::new();
    while text.matches("event: next").count() < 3 {
        let chunk = tokio::time::timeout(Duration::from_secs(20), body.next()).await.expect("in time");
        text.push_str(&String::from_utf8_lossy(&chunk.expect("the stream is open").expect("a chunk")));
    }
    assert!(text.contains(r#""viewer":"Bearer sse""#), "{text}");
    assert!(text.contains(r#""name":"Product 7""#), "{text}");
    let connection = &stack.subgraphs.seen.by("order")[0];
    assert_eq!(connection.init, Some(json!({ "authorization": "Bearer sse", "x-request-id": id })));
}
