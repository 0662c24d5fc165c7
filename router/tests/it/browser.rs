//! What a browser is told and asked: whose pages may call, that it may not guess, and that it comes back over TLS.

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::process::{Stack, trusting_client};

const PAGE: &str = "https://shop.example";

async fn preflight(stack: &Stack, origin: &str) -> Response {
    let request = Client::new().request(Method::OPTIONS, stack.url("/graphql")).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "authorization,content-type").send().await.expect("an answer")
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.headers().get("access-control-allow-origin").map(|origin| origin.to_str().expect("text"))
}

#[tokio::test]
async fn only_the_pages_that_are_named_may_call() {
    let origins = format!("{PAGE}, https://admin.shop.example");
    let stack = Stack::start_with(&[("ROUTER_CORS_ORIGINS", &origins)]).await;
    for page in [PAGE, "https://admin.shop.example"] {
        let answer = preflight(&stack, page).await;
        assert_eq!(allowed(&answer), Some(page));
        assert!(!answer.headers().contains_key("access-control-allow-credentials"), "{answer:?}");
    }
    for page in ["https://evil.example", "https://shop.example.evil.example", "null"] {
        assert_eq!(allowed(&preflight(&stack, page).await), None, "{page}");
    }
}

#[tokio::test]
async fn production_lets_no_page_call_that_is_not_named() {
    let stack = Stack::start_with(&[("SHOPNEXUS_ENV", "production")]).await;
    assert_eq!(allowed(&preflight(&stack, PAGE).await), None);
}

#[tokio::test]
async fn what_a_foreign_form_could_send_is_refused() {
    let stack = Stack::start().await;
    let body = json!({ "query": "mutation { checkout }" }).to_string();
    let url = format!("{}?query=%7B__typename%7D", stack.url("/graphql"));
    let client = Client::new();
    for simple in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = client.post(stack.url("/graphql")).header("content-type", simple).body(body.clone());
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{simple}");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["errors"][0]["extensions"]["code"], "CSRF_PREVENTION_FAILED", "{body}");
    }
    let get = client.get(&url).header("accept", "application/json");
    assert_eq!(get.try_clone().expect("no stream").send().await.expect("an answer").status(), StatusCode::FORBIDDEN);
    assert!(stack.subgraphs.seen.by("catalog").is_empty(), "no mutation was made");
    let told = get.header("graphql-client-name", "shop").send().await.expect("an answer");
    assert_eq!(told.status(), StatusCode::OK, "a header that no form can send");
}

#[tokio::test]
async fn every_answer_says_that_types_are_not_guessed_and_nothing_is_kept() {
    let stack = Stack::start().await;
    let client = Client::new();
    let graphql = client.post(stack.url("/graphql")).json(&json!({ "query": "{ __typename }" }));
    let requests = ["/health", "/readiness", "/none", "/playground"].map(|path| client.get(stack.url(path)));
    for request in requests.into_iter().chain([graphql]) {
        let answer = request.send().await.expect("an answer");
        let path = answer.url().path().to_owned();
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{path}");
        if path == "/graphql" {
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
        }
        assert!(!answer.headers().contains_key("strict-transport-security"), "{path}");
    }
}

#[tokio::test]
async fn with_a_certificate_the_router_speaks_tls_alone() {
    let file = |name: &str| format!("{}/tests/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let (certificate, key) = (file("cert.pem"), file("key.pem"));
    let stack = Stack::start_with(&[("ROUTER_TLS_CERT_FILE", &certificate), ("ROUTER_TLS_KEY_FILE", &key)]).await;
    let query = json!({ "query": "{ product(id: \"1\") { name } }" });
    let answer = trusting_client().post(stack.url("/graphql")).json(&query).send().await.expect("an answer");
    assert!(answer.headers()["strict-transport-security"].to_str().expect("text").contains("max-age="));
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["data"]["product"]["name"], "Product 1", "{body}");

    let plain = Client::new().post(format!("http://{}/graphql", stack.address)).json(&query).send().await;
    assert!(plain.is_err_and(|error| error.status().is_none()), "it does not speak HTTP there");
}
