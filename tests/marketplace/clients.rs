//! Clients that nobody here wrote, on chat and order status: `tokio-tungstenite`, `graphql-ws` and `graphql-sse` from npm,
//! and the playground in a browser. Each sees what was there before it came, and then what happens while it listens.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::{Value, json};
use test_kit::{Member, Stack};
use tests::root;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::stage::{Shop, act, checkout_of, id, items_of, key, marketplace, operation};

/// A browser on a loaded machine takes its time.
const PATIENCE: Duration = Duration::from_secs(180);

/// A buyer with a confirmed order and a conversation with its seller, who has written once.
struct Scene {
    shop: Shop,
    buyer: Member,
    order_id: String,
    conversation_id: String,
}

impl Scene {
    async fn set(stack: &Stack) -> Self {
        let shop = Shop::open(stack, 1).await;
        let buyer = stack.member("buyer").await;
        let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;
        let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
        let order_id = id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]);
        let opened = act(&buyer.client, "18-buyer-opens-a-conversation", json!({"accountId": shop.seller.id})).await;
        let conversation_id = id(&opened["conversation"]["id"]);
        let scene = Self { shop, buyer, order_id, conversation_id };
        scene.seller_writes("written before").await;
        scene
    }

    async fn seller_writes(&self, body: &str) {
        let input = json!({"conversationId": self.conversation_id, "clientId": key(), "body": body});
        act(&self.shop.seller.client, "20-write-a-message", input).await;
    }

    /// To be paid at the door, the order is on its way, and soon there.
    async fn buyer_pays(&self) {
        let input = json!({"orderIds": [self.order_id], "method": "cod", "idempotencyKey": key()});
        act(&self.buyer.client, "14-buyer-pays", input).await;
    }

    /// What a client is to open: by a name, as the playground calls it, and as it is written.
    fn subscriptions(&self) -> Value {
        let subscription = |name: &str, file: &str, variables: Value| {
            json!({"name": name, "operation": file[3..].replace('-', " "), "query": operation(file), "variables": variables})
        };
        let messages = json!({"conversationId": self.conversation_id, "after": "0"});
        let order = json!({"orderId": self.order_id, "after": "0"});
        json!([
            subscription("messages", "19-messages-arrive", messages),
            subscription("order", "13-buyer-follows-the-order", order),
        ])
    }

    /// What is in both streams when they open.
    fn was_there(result: &Value) -> bool {
        is_message(result, "written before") || has_status(result, "CONFIRMED")
    }
}

fn is_message(result: &Value, body: &str) -> bool {
    result["data"]["messageReceived"]["body"] == body
}

fn has_status(result: &Value, status: &str) -> bool {
    result["data"]["orderStatusChanged"]["order"]["status"] == status
}

/// A program out of `clients/checks` that reports each event of its subscriptions by a line.
struct Listener {
    lines: Lines<BufReader<ChildStdout>>,
    /// The program ends when this is closed or when it is killed.
    _stdin: ChildStdin,
    _program: Child,
}

impl Listener {
    fn start(stack: &Stack, scene: &Scene, program: &str) -> Self {
        let status = stack.status();
        let url = |name: &str| status[name].as_str().expect("the status names its URLs").to_owned();
        let mut command = Command::new("node");
        command.arg(root().join(format!("clients/checks/{program}.mjs")));
        command.env("ROUTER_URL", url("router_url")).env("WEBSOCKET_URL", url("ws_url"));
        command.env("TOKEN", scene.buyer.client.token().expect("members have tokens"));
        command.env("SUBSCRIPTIONS", scene.subscriptions().to_string()).env("CHROMIUM", chromium());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut program = command.spawn().expect("Node.js is installed: `cargo xtask test` needs it");
        let stdout = program.stdout.take().expect("standard output is piped");
        let stdin = program.stdin.take().expect("standard input is piped");
        Self { lines: BufReader::new(stdout).lines(), _stdin: stdin, _program: program }
    }

    /// The next event of any of the subscriptions.
    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("an event arrives in time").expect("the program's output can be read");
        let line = line.expect("the program goes on; what it complains about stands above");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the program printed {line:?}"));
        let result = event["result"].clone();
        assert!(result["errors"].is_null(), "{} answered {result:#}", event["name"]);
        result
    }

    /// Reads on until each of these has been seen, in whatever order, and gives everything that was seen.
    async fn until_all(&mut self, wanted: &[&dyn Fn(&Value) -> bool]) -> Vec<Value> {
        let mut seen = Vec::new();
        while !wanted.iter().all(|wanted| seen.iter().any(wanted)) {
            seen.push(self.next().await);
        }
        seen
    }
}

/// Where Debian and others put it.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path).flat_map(|directory| {
        ["chromium", "chromium-browser", "google-chrome"].map(|name| directory.join(name))
    });
    candidates.into_iter().find(|path| path.is_file()).unwrap_or_default()
}

/// Lets a program listen while the seller writes and the parcel travels, and gives what it saw.
async fn listen(stack: &Stack, program: &str) -> Vec<Value> {
    let scene = Scene::set(stack).await;
    let mut listener = Listener::start(stack, &scene, program);
    let before: [&dyn Fn(&Value) -> bool; 2] =
        [&|result| is_message(result, "written before"), &|result| has_status(result, "CONFIRMED")];
    let mut seen = listener.until_all(&before).await;
    scene.seller_writes("written while it listens").await;
    scene.buyer_pays().await;
    let live: [&dyn Fn(&Value) -> bool; 2] =
        [&|result| is_message(result, "written while it listens"), &|result| has_status(result, "DELIVERED")];
    seen.extend(listener.until_all(&live).await);
    seen
}

/// Every event of a stream, once and in order, from the first.
fn assert_lossless(seen: &[Value]) {
    for stream in ["messageReceived", "orderStatusChanged"] {
        let events = seen.iter().filter_map(|result| result["data"].get(stream));
        let sequences: Vec<String> = events.map(|event| id(&event["sequence"])).collect();
        let expected: Vec<String> = (1..=sequences.len()).map(|number| number.to_string()).collect();
        assert_eq!(sequences, expected, "{stream}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_ws_of_npm_receives_chat_and_order_status() {
    let stack = marketplace().await;
    assert_lossless(&listen(stack, "graphql-ws").await);
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_sse_of_npm_receives_chat_and_order_status() {
    let stack = marketplace().await;
    assert_lossless(&listen(stack, "graphql-sse").await);
    stack.assert_sound().await;
}

/// The page shows the newest event only, so that what comes at once cannot all be seen.
#[tokio::test(flavor = "multi_thread")]
async fn the_playground_in_a_browser_receives_chat_and_order_status() {
    let stack = marketplace().await;
    let scene = Scene::set(stack).await;
    let mut browser = Listener::start(stack, &scene, "playground");
    // What is there when a page opens shows that it follows.
    let _: Vec<Value> = browser
        .until_all(&[&|result| is_message(result, "written before"), &|result| has_status(result, "CONFIRMED")])
        .await;
    scene.seller_writes("written while it listens").await;
    scene.buyer_pays().await;
    browser
        .until_all(&[
            &|result| is_message(result, "written while it listens"),
            &|result| has_status(result, "DELIVERED"),
        ])
        .await;
    stack.assert_sound().await;
}

/// The client of these tests is `tokio-tungstenite` with the few messages of the protocol.
#[tokio::test(flavor = "multi_thread")]
async fn tokio_tungstenite_receives_chat_and_order_status() {
    let stack = marketplace().await;
    let scene = Scene::set(stack).await;
    let mut streams = Vec::new();
    for subscription in scene.subscriptions().as_array().expect("a list") {
        let query = subscription["query"].as_str().expect("a text");
        streams.push(scene.buyer.client.subscribe(query, subscription["variables"].clone()).await);
    }
    let [messages, order] = &mut streams[..] else { panic!("two subscriptions") };
    scene.seller_writes("written while it listens").await;
    scene.buyer_pays().await;
    let mut seen = Vec::new();
    for (stream, last) in [
        (messages, &(|result: &Value| is_message(result, "written while it listens")) as &dyn Fn(&Value) -> bool),
        (order, &|result: &Value| has_status(result, "DELIVERED")),
    ] {
        while !seen.last().is_some_and(last) {
            seen.push(json!({"data": stream.next().await.expect("the stream goes on")}));
        }
    }
    assert!(seen.iter().any(Scene::was_there));
    assert_lossless(&seen);
    stack.assert_sound().await;
}
