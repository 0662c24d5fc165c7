//! How often, and at what cost. Each test has addresses of its own, because all routers of a test run share one Redis.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::process::Stack;
use crate::subscriptions::{Socket, WATCH};
use crate::tokens;

/// An answer, with what its headers say of trying again.
struct Answer {
    status: StatusCode,
    retry_after: Option<u64>,
    body: Value,
}

impl Answer {
    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    /// It refuses by the limit of this name and says when to try again, twice alike.
    fn expect_limited(&self, limit: &str) {
        assert_eq!((self.status, self.code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"), "{}", self.body);
        let extensions = &self.body["errors"][0]["extensions"];
        assert_eq!(extensions["limit"], limit, "{}", self.body);
        assert!(extensions["requestId"].is_string(), "{}", self.body);
        let seconds = extensions["retryAfterSeconds"].as_u64().expect("seconds");
        assert_eq!(self.retry_after, Some(seconds), "{}", self.body);
        assert!((1..=7200).contains(&seconds), "{}", self.body);
    }
}

async fn ask(stack: &Stack, query: &str, address: &str, token: Option<&str>) -> Answer {
    let request = Client::new().post(stack.url("/graphql")).header("x-forwarded-for", address);
    let request = token.into_iter().fold(request, |request, token| request.header("authorization", token));
    let answer = request.json(&json!({ "query": query })).send().await.expect("an answer");
    let retry_after = answer.headers().get("retry-after").map(|value| value.to_str().expect("text").parse());
    Answer {
        status: answer.status(),
        retry_after: retry_after.map(|seconds| seconds.expect("whole seconds")),
        body: answer.json().await.expect("JSON"),
    }
}

/// An address that no other test of any run has.
fn address() -> String {
    std::net::Ipv6Addr::from(rand::random::<[u8; 16]>()).to_string()
}

fn account() -> String {
    format!("account-{:x}", rand::random::<u128>())
}

/// A router behind one balancer, so that the tests can say where they come from.
async fn limited(limits: &[(&str, &str)]) -> Stack {
    let jwks = tokens::jwks_url().await;
    let usual = [("ROUTER_TRUSTED_PROXIES", "1"), ("JWKS_URL", jwks.as_str())];
    Stack::start_with(&[&usual, limits].concat()).await
}

const PRODUCT: &str = "{ product(id: \"1\") { id } }";

#[tokio::test]
async fn an_address_has_so_many_operations() {
    let stack = limited(&[("ROUTER_LIMIT_ADDRESS", "3/1h")]).await;
    let (here, there) = (address(), address());
    for _ in 0..3 {
        assert_eq!(ask(&stack, PRODUCT, &here, None).await.body["data"]["product"]["id"], "1");
    }
    ask(&stack, PRODUCT, &here, None).await.expect_limited("address");
    assert_eq!(ask(&stack, PRODUCT, &there, None).await.status, 200, "another address has its own");
    assert_eq!(stack.subgraphs.seen.by("catalog").len(), 4, "what is refused reaches no subgraph");
}

#[tokio::test]
async fn a_viewer_is_counted_wherever_it_comes_from_and_a_forged_token_is_nobody() {
    let stack = limited(&[("ROUTER_LIMIT_VIEWER", "2/1h"), ("ROUTER_LIMIT_ADDRESS", "100/1h")]).await;
    let (ann, bob) = (account(), account());
    let (ann, forged, bob) = (tokens::bearer(&ann, ""), tokens::forged(&ann, ""), tokens::bearer(&bob, ""));
    for _ in 0..5 {
        assert_eq!(ask(&stack, PRODUCT, &address(), Some(&forged)).await.status, 200, "it takes nothing of Ann's");
    }
    for _ in 0..2 {
        assert_eq!(ask(&stack, PRODUCT, &address(), Some(&ann)).await.status, 200);
    }
    ask(&stack, PRODUCT, &address(), Some(&ann)).await.expect_limited("viewer");
    assert_eq!(ask(&stack, PRODUCT, &address(), Some(&bob)).await.status, 200, "Bob has his own");
}

#[tokio::test]
async fn logging_in_checkout_messages_and_uploads_have_limits_of_their_own() {
    let stack = limited(&[
        ("ROUTER_LIMIT_LOG_IN", "2/1h"),
        ("ROUTER_LIMIT_CHECKOUT", "1/1h"),
        ("ROUTER_LIMIT_MESSAGES", "1/1h"),
        ("ROUTER_LIMIT_UPLOADS", "1/1h"),
    ])
    .await;
    let (here, ann) = (address(), tokens::bearer(&account(), ""));
    for (limit, mutation) in [("checkout", "checkout"), ("messages", "sendMessage"), ("uploads", "createUpload")] {
        let mutation = format!("mutation {{ {mutation} }}");
        assert_eq!(ask(&stack, &mutation, &here, Some(&ann)).await.status, 200, "{limit}");
        ask(&stack, &mutation, &address(), Some(&ann)).await.expect_limited(limit);
    }
    // Guesses in one operation count one by one, and a token does not help who makes them.
    let guesses = "mutation { a: logIn(identifier: \"x\") b: logIn(identifier: \"x\") c: logIn(identifier: \"x\") }";
    ask(&stack, guesses, &here, Some(&ann)).await.expect_limited("log_in");
    let guess = "mutation { logIn(identifier: \"x\") }";
    for _ in 0..2 {
        assert_eq!(ask(&stack, guess, &here, None).await.status, 200);
    }
    ask(&stack, guess, &here, Some(&ann)).await.expect_limited("log_in");
    assert_eq!(ask(&stack, PRODUCT, &here, Some(&ann)).await.status, 200, "reading goes on");
}

#[tokio::test]
async fn mutations_count_one_by_one_and_subscriptions_when_they_start() {
    let stack = limited(&[("ROUTER_LIMIT_MUTATIONS", "2/1h"), ("ROUTER_LIMIT_SUBSCRIPTIONS", "1/1h")]).await;
    let here = address();
    let three = "mutation { a: checkout b: checkout c: checkout }";
    ask(&stack, three, &here, None).await.expect_limited("mutations");
    assert_eq!(ask(&stack, "mutation { a: checkout b: checkout }", &here, None).await.status, 200);
    ask(&stack, "mutation { checkout }", &here, None).await.expect_limited("mutations");

    let token = tokens::bearer(&account(), "");
    let mut socket = Socket::open(&stack, json!({ "Authorization": token })).await;
    socket.subscribe(WATCH, Value::Null).await;
    assert_eq!(socket.event().await["data"]["orderStatusChanged"]["sequence"], 1);
    let mut second = Socket::open(&stack, json!({ "Authorization": token })).await;
    second.subscribe(WATCH, Value::Null).await;
    let refusal = second.event().await;
    assert_eq!(refusal["errors"][0]["extensions"]["code"], "RATE_LIMITED", "{refusal}");
    assert!(refusal["errors"][0]["extensions"]["retryAfterSeconds"].is_u64(), "{refusal}");
}

#[tokio::test]
async fn routers_share_their_counters_and_each_counts_for_itself_without_redis() {
    let redis = std::env::var("REDIS_URL").expect("`cargo xtask test` sets it");
    let limit = ("ROUTER_LIMIT_ADDRESS", "2/1h");
    let shared = [limit, ("REDIS_URL", redis.as_str())];
    let (one, other) = (limited(&shared).await, limited(&shared).await);
    let here = address();
    assert_eq!(ask(&one, PRODUCT, &here, None).await.status, 200);
    assert_eq!(ask(&other, PRODUCT, &here, None).await.status, 200);
    ask(&one, PRODUCT, &here, None).await.expect_limited("address");
    ask(&other, PRODUCT, &here, None).await.expect_limited("address");

    // Nothing listens there: the limit holds all the same, and answers still come.
    let alone = limited(&[limit, ("REDIS_URL", "redis://127.0.0.1:1")]).await;
    for _ in 0..2 {
        assert_eq!(ask(&alone, PRODUCT, &here, None).await.status, 200);
    }
    ask(&alone, PRODUCT, &here, None).await.expect_limited("address");
}

#[tokio::test]
async fn every_answer_tells_its_cost_and_what_costs_too_much_is_refused() {
    let stack = limited(&[("ROUTER_COST_LIMIT", "1000"), ("ROUTER_COST_BUDGET", "2000/1h")]).await;
    let here = address();
    let answer = ask(&stack, "{ products(first: 30) { id } }", &here, None).await;
    let cost = json!({ "estimated": 30, "limit": 1000, "budget": { "limit": 2000, "left": 1970 } });
    assert_eq!(answer.body["extensions"]["cost"], cost, "{}", answer.body);

    let pages = "{ products(first: 100) { similar(first: 100) { id } } }";
    let refusal = ask(&stack, pages, &here, None).await;
    assert_eq!((refusal.status.as_u16(), refusal.code()), (400, "COST_LIMIT_EXCEEDED"), "{}", refusal.body);
    let told = &refusal.body["errors"][0]["extensions"]["cost"];
    assert_eq!(*told, json!({ "estimated": 10100, "limit": 1000 }), "{}", refusal.body);

    // A refusal costs nothing of the budget; what is answered does, until it is spent.
    let large = "{ products(first: 30) { similar(first: 30) { id } } }";
    for left in [1040, 110] {
        let answer = ask(&stack, large, &here, None).await;
        assert_eq!(answer.body["extensions"]["cost"]["budget"]["left"], left, "{}", answer.body);
    }
    ask(&stack, large, &here, None).await.expect_limited("cost");
    assert_eq!(ask(&stack, large, &address(), None).await.status, 200, "another address has a budget of its own");
}

#[tokio::test]
async fn a_variable_counts_towards_the_cost_by_its_value() {
    let stack = limited(&[("ROUTER_COST_LIMIT", "50")]).await;
    let ask = async |first: u64| {
        let query = "query($n: Int) { products(first: $n) { id } }";
        let body = json!({ "query": query, "variables": { "n": first } });
        let answer = Client::new().post(stack.url("/graphql")).json(&body).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")
    };
    assert_eq!(ask(50).await["extensions"]["cost"]["estimated"], 50);
    assert_eq!(ask(51).await["errors"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn introspection_is_for_admins_where_it_is_not_for_everyone() {
    let stack = limited(&[("ROUTER_INTROSPECTION", "admins")]).await;
    let (member, admin) = (tokens::bearer(&account(), ""), tokens::bearer(&account(), "admin"));
    let forged = tokens::forged(&account(), "admin");
    let schema = "query Q { ...S } fragment S on Query { __schema { queryType { name } } }";
    for token in [None, Some(member.as_str()), Some(forged.as_str())] {
        let refusal = ask(&stack, schema, &address(), token).await;
        assert_eq!((refusal.status.as_u16(), refusal.code()), (403, "FORBIDDEN"), "{}", refusal.body);
        assert!(refusal.body["data"].is_null(), "{}", refusal.body);
    }
    let answer = ask(&stack, schema, &address(), Some(&admin)).await;
    assert_eq!(answer.body["data"]["__schema"]["queryType"]["name"], "Query", "{}", answer.body);
    assert_eq!(ask(&stack, "{ __typename }", &address(), None).await.body["data"]["__typename"], "Query");

    let open = Stack::start().await;
    assert_eq!(ask(&open, schema, &address(), None).await.body["data"]["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn a_setting_that_cannot_be_read_is_named_at_the_start() {
    for (name, value) in [
        ("ROUTER_LIMIT_LOG_IN", "many"),
        ("ROUTER_INTROSPECTION", "nobody"),
        ("ROUTER_COST_LIMIT", "1e3"),
        ("ROUTER_MAX_FIELDS", "-1"),
        ("ROUTER_TRUSTED_PROXIES", "all"),
        ("ROUTER_TLS_CERT_FILE", "alone.pem"),
    ] {
        let said = Stack::refusal(&[(name, value)]).await;
        assert!(said.contains(name), "{name}: {said}");
    }
}
