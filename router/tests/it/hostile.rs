//! Clients that mean harm. Each is refused, cheaply; the router goes on, and honest clients are answered meanwhile.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::ask;
use crate::process::Stack;
use crate::subscriptions::Socket;

/// What one refused request may cost. An optimised router stays far below a second; the build of the tests is not.
const PROCESSOR_SECONDS: f64 = 10.0;
const MEMORY_BYTES: u64 = 64 << 20;

const HONEST: &str = "{ order(id: \"7\") { id product { name } } }";

async fn is_well(stack: &mut Stack) {
    assert!(stack.is_alive());
    let (_, body) = ask(stack, HONEST, &[]).await;
    assert_eq!(body["data"]["order"]["product"]["name"], "Product 7", "{body}");
}

/// Sends an operation and expects a refusal with one of these codes that costs little.
async fn refused(stack: &mut Stack, what: &str, query: &str, codes: &[&str]) {
    let (processor, memory) = (stack.processor_seconds(), stack.memory());
    let answer = Client::new().post(stack.url("/graphql")).json(&json!({ "query": query })).send().await;
    let body: Value = answer.expect("an answer").json().await.expect("JSON");
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
    assert!(codes.contains(&code), "{what}: {body}");
    assert!(body["data"].is_null(), "{what}: {body}");
    let (processor, memory) = (stack.processor_seconds() - processor, stack.memory().saturating_sub(memory));
    assert!(processor < PROCESSOR_SECONDS, "{what} took {processor} s of the processor");
    assert!(memory < MEMORY_BYTES, "{what} took {memory} bytes");
}

#[tokio::test]
async fn operations_that_are_too_large_in_any_way_are_refused() {
    let mut stack = Stack::start().await;
    is_well(&mut stack).await;
    let nested = |depth: usize| format!("{{ products {}{{ id }}{} }}", "{ similar ".repeat(depth), "}".repeat(depth));
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(" ");
    let bomb = many(40, &|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }}", n + 1, n + 1));
    let lists = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let fields = "products { id } ".repeat(1100);
    for (what, query, code) in [
        ("deep", nested(40), "MAX_DEPTH_EXCEEDED"),
        ("as deep as tokens allow", nested(1600), "MAX_DEPTH_EXCEEDED"),
        ("deeper", nested(50_000), "MAX_DEPTH_EXCEEDED"),
        ("never closed", "{ products ".to_owned() + &"{ similar ".repeat(100_000), "MAX_DEPTH_EXCEEDED"),
        ("wide", format!("{{ {fields} }}"), "MAX_FIELDS_EXCEEDED"),
        ("wider", format!("{{ {} }}", fields.repeat(100)), "TOKEN_LIMIT_EXCEEDED"),
        ("aliased", format!("{{ {} }}", many(101, &|n| format!("a{n}: __typename"))), "MAX_ALIASES_EXCEEDED"),
        ("directives", format!("{{ __typename {} }}", "@include(if: true) ".repeat(101)), "MAX_DIRECTIVES_EXCEEDED"),
        (
            "a bomb of fragments",
            format!("{{ ...F0 }} {bomb} fragment F40 on Query {{ __typename }}"),
            "MAX_FIELDS_EXCEEDED",
        ),
        (
            "a circle",
            "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }".to_owned(),
            "MAX_DEPTH_EXCEEDED",
        ),
        ("nested lists", format!("{{ product(id: {}) {{ id }} }}", lists(2400)), "MAX_DEPTH_EXCEEDED"),
    ] {
        // Several limits may be met at once, and which is told first is not what matters.
        let codes = [code, "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "TOKEN_LIMIT_EXCEEDED"];
        let codes = if code.starts_with("MAX_FIELDS") { &codes[..1] } else { &codes[..] };
        refused(&mut stack, what, &query, codes).await;
        is_well(&mut stack).await;
    }
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let mut stack = Stack::start_with(&[("ROUTER_MAX_BODY", "1MB")]).await;
    let batch: Vec<Value> = (0..1000).map(|_| json!({ "query": HONEST })).collect();
    let large = format!("{{\"query\":\"{{__typename}}\",\"variables\":{{\"a\":\"{}\"}}}}", "x".repeat(2 << 20));
    let nested = |member: &str| {
        let brackets = "[".repeat(400_000) + &"]".repeat(400_000);
        format!("{{\"query\":\"{{__typename}}\",\"{member}\":{{\"a\":{brackets}}}}}").into_bytes()
    };
    let invalid = b"{\"query\":\"{ product(id: \\\"\xff\xfe\\\") { id } }\"}".to_vec();
    for (what, body, encoding) in [
        ("a batch", serde_json::to_vec(&batch).expect("JSON"), None),
        ("large variables", large.into_bytes(), None),
        ("invalid UTF-8", invalid, None),
        ("nested variables", nested("variables"), None),
        ("nested extensions", nested("extensions"), None),
        ("half a request", b"{\"query\":\"{__ty".to_vec(), None),
        ("zeros", vec![0; 1 << 19], None),
        ("what grows when it is unpacked", packed_zeros(), Some("gzip")),
    ] {
        let (processor, memory) = (stack.processor_seconds(), stack.memory());
        let request = Client::new().post(stack.url("/graphql")).header("content-type", "application/json").body(body);
        let request = encoding.into_iter().fold(request, |request, it| request.header("content-encoding", it));
        // A body that is too large may be cut off with the connection.
        if let Ok(answer) = request.send().await {
            let status = answer.status();
            let body = answer.text().await.unwrap_or_default();
            assert!(status.is_client_error() || body.contains("\"errors\""), "{what}: {status} {body}");
            assert!(!body.contains("Product"), "{what}: {body}");
        }
        let (processor, memory) = (stack.processor_seconds() - processor, stack.memory().saturating_sub(memory));
        assert!(processor < PROCESSOR_SECONDS, "{what} took {processor} s of the processor");
        assert!(memory < MEMORY_BYTES, "{what} took {memory} bytes");
        is_well(&mut stack).await;
    }
}

/// 64 MiB of zeros as a few dozen kilobytes.
fn packed_zeros() -> Vec<u8> {
    let mut gzip = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    let mut input = gzip.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || {
        for _ in 0..64 {
            input.write_all(&vec![0; 1 << 20]).expect("it is taken");
        }
    });
    let packed = gzip.wait_with_output().expect("it ends").stdout;
    writer.join().expect("it wrote");
    packed
}

/// Sends bytes as they are, and gives what comes back before the connection is closed or nothing more comes.
async fn raw(stack: &Stack, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&stack.address).await.expect("a connection");
    // The router may refuse before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn headers_cannot_be_smuggled() {
    let mut stack = Stack::start().await;
    let body = json!({ "query": "{ product(id: \"1\") { name } }" }).to_string();
    let request = |headers: &str| {
        let length = format!("content-length: {}", body.len());
        let usual = format!("host: x\r\nconnection: close\r\ncontent-type: application/json\r\n{length}");
        format!("POST /graphql HTTP/1.1\r\n{usual}\r\n{headers}\r\n\r\n{body}")
    };
    let fine = raw(&stack, request("x-request-id: mine").as_bytes()).await;
    assert!(fine.starts_with("HTTP/1.1 200") && fine.contains("x-request-id: mine"), "{fine}");

    let long = format!("x-long: {}", "a".repeat(200_000));
    for headers in [
        "x-request-id: a\u{0}b",
        "x-request-id: a\nset-cookie: stolen=1",
        "authorization: Bearer a\rx-admin: 1",
        "transfer-encoding: chunked",
        "content-length: 3",
        "bad header: x",
        ": nameless",
        &long,
    ] {
        let answer = raw(&stack, request(headers).as_bytes()).await;
        assert!(!answer.to_lowercase().contains("\r\nset-cookie"), "{headers:.40}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{headers:.40}: one request has one answer: {answer}");
    }
    let mut invalid = request("").into_bytes();
    invalid.splice(16..16, b"x-\xff\xfe: \xff\r\n".iter().copied());
    raw(&stack, &invalid).await;

    // Over a WebSocket headers are values of JSON, where a line break is easily written.
    let forged = json!({ "Authorization": "Bearer a\r\nx-admin: 1", "x-request-id": "b\r\nx-admin: 1" });
    let mut socket = Socket::open(&stack, forged).await;
    socket.subscribe("{ product(id: \"1\") { name } }", Value::Null).await;
    assert_eq!(socket.event().await["data"]["product"]["name"], "Product 1");

    let seen = stack.subgraphs.seen.by("catalog");
    assert!(!seen.is_empty());
    for request in seen {
        assert!(!request.headers.contains_key("x-admin"), "{:?}", request.headers);
        assert!(!request.headers.contains_key("x-long"), "{:?}", request.headers);
    }
    is_well(&mut stack).await;
}

#[tokio::test]
async fn an_upload_that_never_ends_is_cut_off() {
    let mut stack = Stack::start_with(&[("ROUTER_REQUEST_TIMEOUT", "1s")]).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{";
    let mut streams = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(&stack.address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        streams.push(stream);
    }
    is_well(&mut stack).await;
    for mut stream in streams {
        let mut answer = vec![0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(60), stream.read(&mut answer)).await.expect("it is ended");
        // With an answer, or by closing the connection.
        if let Ok(read) = read
            && read > 0
        {
            let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
            assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
        }
    }
    is_well(&mut stack).await;
}

#[tokio::test]
async fn connections_that_say_nothing_cost_next_to_nothing() {
    let mut stack = Stack::start().await;
    is_well(&mut stack).await;
    let memory = stack.memory();
    let mut silent = Vec::new();
    for n in 0..silent_connections() {
        let mut stream = TcpStream::connect(&stack.address).await.expect("a connection");
        // Every third begins a request and does not go on.
        if n % 3 == 0 {
            stream.write_all(b"POST /graphql HTTP/1.1\r\nhost: x\r\n").await.expect("it is sent");
        }
        silent.push(stream);
    }
    for _ in 0..20 {
        is_well(&mut stack).await;
    }
    let each = stack.memory().saturating_sub(memory) / silent.len() as u64;
    assert!(each < 128 << 10, "{each} bytes for each of {}", silent.len());
}

/// Ten thousand, or as many as this machine lets both processes open.
fn silent_connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("limits");
    let open = limits.lines().find_map(|line| line.strip_prefix("Max open files")).expect("a limit");
    let open = open.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    (open / 2).min(10_000)
}

#[tokio::test]
async fn honest_clients_are_answered_while_hostile_ones_are_refused() {
    let mut stack = Stack::start().await;
    let bomb: String = (0..30).map(|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1)).collect();
    let bomb = json!({ "query": format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ __typename }}") });
    let url = stack.url("/graphql");
    let hostile: Vec<_> = (0..8)
        .map(|_| {
            let (client, url, bomb) = (Client::new(), url.clone(), bomb.clone());
            tokio::spawn(async move {
                for _ in 0..25 {
                    let answer = client.post(&url).json(&bomb).send().await.expect("an answer");
                    assert_ne!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
                    let body: Value = answer.json().await.expect("JSON");
                    assert_eq!(body["errors"][0]["extensions"]["code"], "MAX_FIELDS_EXCEEDED", "{body}");
                }
            })
        })
        .collect();
    for _ in 0..25 {
        is_well(&mut stack).await;
    }
    for hostile in hostile {
        hostile.await.expect("it was refused each time");
    }
}

/// A subscriber that reads nothing answers no ping either: it is let go, and what waited for it with it.
#[tokio::test]
async fn a_subscriber_that_stops_reading_is_let_go() {
    let mut stack = Stack::start().await;
    is_well(&mut stack).await;
    let before = stack.memory();
    // Each event repeats the token often enough that no socket holds all of them: some 800 KiB a second.
    let token = format!("Bearer {}", "x".repeat(4000));
    let mut socket = Socket::open(&stack, json!({ "Authorization": token })).await;
    let repeated: String = (0..20).map(|n| format!("v{n}: viewer ")).collect();
    let query = format!("subscription {{ orderStatusChanged(id: \"7\") {{ sequence order {{ {repeated} }} }} }}");
    socket.subscribe(&query, json!({})).await;
    socket.event().await;

    let mut most = 0;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        most = most.max(stack.memory().saturating_sub(before));
    }
    assert!(most < MEMORY_BYTES, "it held {most} bytes");
    // What the sockets still held, and then the end, and not the live events of an open subscription.
    assert!(socket.is_over_within(Duration::from_secs(20)).await, "it is still subscribed");
    is_well(&mut stack).await;
}
