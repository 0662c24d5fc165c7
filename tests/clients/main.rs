//! Clients that nobody here wrote, on chat and order status: `tokio-tungstenite`, `graphql-ws` and `graphql-sse` from npm,
//! and the playground in a browser. Each sees what was there before it came, and then what happens while it listens. Then
//! the typed client of `clients/typescript` in Apollo Client and urql, and the examples of the reference in `docs/api`.
//!
//! They are a program of their own, because a browser beside all the other tests of the marketplace waits for minutes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of the marketplace act on the rest")]
#[path = "../marketplace/stage.rs"]
mod stage;

use std::{
    path::PathBuf,
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use test_kit::{Member, Stack};
use tests::root;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::OnceCell,
};

use stage::{Shop, act, checkout_of, id, items_of, key, marketplace, operation};

/// A browser on a loaded machine takes its time: half a minute for a page alone, with forty processes on two cores.
const PATIENCE: Duration = Duration::from_secs(420);

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

    /// Who and what the programs of npm are about.
    fn names(&self) -> [(&'static str, String); 6] {
        [
            ("ACCOUNT_ID", self.buyer.id.to_string()),
            ("TOKEN", token(&self.buyer)),
            ("SELLER_ID", self.shop.seller.id.to_string()),
            ("SELLER_TOKEN", token(&self.shop.seller)),
            ("CONVERSATION_ID", self.conversation_id.clone()),
            ("PRODUCT_NAME", self.shop.name.clone()),
        ]
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
        let subscription = |name: &str, file: &str, variables: Value| json!({"name": name, "operation": file[3..].replace('-', " "), "query": operation(file), "variables": variables});
        let messages = json!({"conversationId": self.conversation_id, "after": "0"});
        let order = json!({"orderId": self.order_id, "after": "0"});
        json!([
            subscription("messages", "19-messages-arrive", messages),
            subscription("order", "13-buyer-follows-the-order", order),
        ])
    }
}

fn token(member: &Member) -> String {
    member.client.token().expect("members have tokens").to_owned()
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
    /// The browser ends when this is closed. A test that fails kills the program, and with it its browser.
    stdin: ChildStdin,
    program: Child,
}

impl Listener {
    fn start(stack: &Stack, scene: &Scene, program: &str) -> Self {
        let mut command = node(stack, scene, &format!("clients/checks/{program}.mjs"));
        command.env("SUBSCRIPTIONS", scene.subscriptions().to_string()).env("CHROMIUM", chromium());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut program = command.spawn().expect("Node.js is installed: `cargo xtask test` needs it");
        let stdout = program.stdout.take().expect("standard output is piped");
        let stdin = program.stdin.take().expect("standard input is piped");
        Self { lines: BufReader::new(stdout).lines(), stdin, program }
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

    /// Lets a browser clear up after itself.
    async fn close(mut self) {
        drop(self.stdin);
        // Whether it ended by itself does not matter: it is killed with this.
        _ = tokio::time::timeout(PATIENCE, self.program.wait()).await;
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

/// A program of Node.js, told where the marketplace is and whom and what it is about.
fn node(stack: &Stack, scene: &Scene, program: &str) -> Command {
    let mut command = stage::node(stack, program);
    command.envs(scene.names());
    command
}

/// Where Debian and others put it.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path)
        .flat_map(|directory| ["chromium", "chromium-browser", "google-chrome"].map(|name| directory.join(name)));
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
    listener.close().await;
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

/// The page shows the newest event only, so that of those that come at once not all can be seen.
#[tokio::test(flavor = "multi_thread")]
async fn the_playground_in_a_browser_receives_chat_and_order_status() {
    let stack = marketplace().await;
    listen(stack, "playground").await;
    stack.assert_sound().await;
}

/// The client of these tests is `tokio-tungstenite` with the few messages of the protocol.
#[tokio::test(flavor = "multi_thread")]
async fn tokio_tungstenite_receives_chat_and_order_status() {
    let stack = marketplace().await;
    let scene = Scene::set(stack).await;
    let subscriptions = scene.subscriptions();
    // Each is read from the start: a socket that nobody reads answers no ping, and is closed.
    let follow = async |index: usize, is_last: &dyn Fn(&Value) -> bool| {
        let subscription = &subscriptions[index];
        let query = subscription["query"].as_str().expect("a text");
        let mut stream = scene.buyer.client.subscribe(query, subscription["variables"].clone()).await;
        let mut seen: Vec<Value> = Vec::new();
        while !seen.last().is_some_and(is_last) {
            seen.push(json!({"data": stream.next().await.expect("the stream goes on")}));
        }
        seen
    };
    let (messages, order, ()) = tokio::join!(
        follow(0, &|result| is_message(result, "written while it listens")),
        follow(1, &|result| has_status(result, "DELIVERED")),
        async {
            scene.seller_writes("written while it listens").await;
            scene.buyer_pays().await;
        }
    );
    let seen = [messages, order].concat();
    assert!(seen.iter().any(|result| is_message(result, "written before")));
    assert!(seen.iter().any(|result| has_status(result, "CONFIRMED")));
    assert_lossless(&seen);
    stack.assert_sound().await;
}

/// Generates the types of the TypeScript client out of the schema and compiles it, once.
async fn build_the_typescript_client() {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    let build = || async {
        let directory = root().join("clients/typescript");
        let build = Command::new("npm").args(["run", "--silent", "build"]).current_dir(directory).output().await;
        assert_succeeded(&build.expect("npm is installed: `cargo xtask test` needs it"));
    };
    BUILT.get_or_init(build).await;
}

fn assert_succeeded(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "\n{}", said.join("\n"));
}

/// What the program does and expects stands in `clients/typescript/checks/visit.ts`.
async fn visit(stack: &Stack, program: &str) {
    build_the_typescript_client().await;
    let scene = Scene::set(stack).await;
    let found = |data: &Value| data["searchProducts"]["edges"][0]["node"]["name"] == scene.shop.name;
    let query = operation("07-buyer-searches");
    scene.buyer.client.eventually(&query, json!({"query": scene.shop.name}), PATIENCE, found).await;
    let mut program = node(stack, &scene, &format!("clients/typescript/dist/checks/{program}.js"));
    assert_succeeded(&program.output().await.expect("Node.js is installed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_works_in_apollo_client() {
    let stack = marketplace().await;
    visit(stack, "apollo").await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_works_in_urql() {
    let stack = marketplace().await;
    visit(stack, "urql").await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_reference_run() {
    let stack = marketplace().await;
    // Its categories are those of the other tests; the examples need one.
    let scene = Scene::set(stack).await;
    let seller = scene.shop.seller.client.data("{ me { username } }", json!({})).await;
    let mut program = node(stack, &scene, "clients/reference/run.mjs");
    program.env("BUYER_TOKEN", token(&scene.buyer)).env("SELLER_NAME", id(&seller["me"]["username"]));
    assert_succeeded(&program.output().await.expect("Node.js is installed"));
    stack.assert_sound().await;
}
