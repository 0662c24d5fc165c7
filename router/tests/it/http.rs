//! Queries and mutations over HTTP.

use reqwest::Client;
use serde_json::{Value, json};

use crate::process::Stack;

/// Posts an operation and gives the `x-request-id` of the answer and its body.
pub(crate) async fn ask(stack: &Stack, query: &str, headers: &[(&str, &str)]) -> (String, Value) {
    let mut request = Client::new().post(stack.url("/graphql")).json(&json!({ "query": query }));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    (id, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_query_joins_two_subgraphs_and_a_mutation_reaches_its_own() {
    let stack = Stack::start().await;
    let (_, body) = ask(&stack, "{ order(id: \"7\") { id product { id name } } }", &[]).await;
    assert_eq!(body["data"]["order"]["product"]["name"], "Product 7", "{body}");
    let (_, body) = ask(&stack, "mutation { renameProduct(id: \"7\", name: \"Lamp\") { id name } }", &[]).await;
    assert_eq!(body["data"]["renameProduct"]["name"], "Lamp", "{body}");
}

#[tokio::test]
async fn token_request_id_and_trace_reach_every_subgraph() {
    let stack = Stack::start().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let query = "{ order(id: \"7\") { viewer product { name } } }";
    let given = [("authorization", "Bearer a"), ("x-request-id", "mine-1"), ("traceparent", trace), ("cookie", "c=1")];
    let (id, body) = ask(&stack, query, &given).await;
    assert_eq!(id, "mine-1");
    assert_eq!(body["data"]["order"]["viewer"], "Bearer a");
    for subgraph in ["order", "catalog"] {
        let seen = stack.subgraphs.seen.by(subgraph);
        assert_eq!(seen.len(), 1, "{subgraph}");
        for (name, value) in &given[..3] {
            assert_eq!(seen[0].headers[*name], *value, "{subgraph} {name}");
        }
        assert!(!seen[0].headers.contains_key("cookie"), "{subgraph}");
    }
}

#[tokio::test]
async fn a_subgraph_learns_the_address_that_the_router_saw_after_those_that_were_claimed() {
    let stack = Stack::start().await;
    let query = "{ order(id: \"7\") { product { name } } }";
    ask(&stack, query, &[]).await;
    ask(&stack, query, &[("x-forwarded-for", "6.6.6.6")]).await;
    for subgraph in ["order", "catalog"] {
        let seen = stack.subgraphs.seen.by(subgraph);
        assert_eq!(seen[0].headers["x-forwarded-for"], "127.0.0.1", "{subgraph}");
        assert_eq!(seen[1].headers["x-forwarded-for"], "6.6.6.6, 127.0.0.1", "{subgraph}");
    }
}

#[tokio::test]
async fn a_request_without_a_fit_id_is_given_one() {
    let stack = Stack::start().await;
    let query = "{ order(id: \"7\") { product { name } } }";
    let (drawn, _) = ask(&stack, query, &[]).await;
    assert_eq!(drawn.len(), 36, "{drawn}");
    let (replaced, _) = ask(&stack, query, &[("x-request-id", "not fit for a log")]).await;
    assert_eq!(replaced.len(), 36, "{replaced}");
    for subgraph in ["order", "catalog"] {
        let seen = stack.subgraphs.seen.by(subgraph);
        assert_eq!(seen[0].headers["x-request-id"], drawn, "{subgraph}");
        assert_eq!(seen[1].headers["x-request-id"], replaced, "{subgraph}");
    }
}

#[tokio::test]
async fn two_viewers_never_share_an_answer() {
    let stack = Stack::start().await;
    let slow = |token: &'static str| {
        let stack = &stack;
        async move { ask(stack, "{ slowViewer }", &[("authorization", token)]).await.1["data"]["slowViewer"].clone() }
    };
    let answers = tokio::join!(slow("Bearer a"), slow("Bearer b"), slow("Bearer a"), slow("Bearer c"));
    assert_eq!(answers, ("Bearer a".into(), "Bearer b".into(), "Bearer a".into(), "Bearer c".into()));
    assert_eq!(stack.subgraphs.seen.by("catalog").len(), 4, "requests in flight are not merged");
}

#[tokio::test]
async fn a_subgraphs_error_reaches_the_client_as_it_was_written() {
    let stack = Stack::start().await;
    let (_, body) = ask(&stack, "{ forbidden }", &[]).await;
    let error = &body["errors"][0];
    assert_eq!(error["message"], "This product is not yours", "{body}");
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{body}");
    assert_eq!(error["extensions"]["requestId"], "of-the-subgraph", "{body}");
    assert_eq!(error["path"], json!(["forbidden"]), "{body}");

    let (_, body) = ask(&stack, "{ order(id: \"forbidden\") { id product { name } } }", &[]).await;
    let error = &body["errors"][0];
    assert_eq!(error["message"], "This product is not yours", "{body}");
    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{body}");
}

#[tokio::test]
async fn an_invalid_operation_names_code_and_request() {
    let stack = Stack::start().await;
    let (id, body) = ask(&stack, "{ nothing }", &[]).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{body}");
    assert_eq!(body["errors"][0]["extensions"]["requestId"], id.as_str(), "{body}");
}

#[tokio::test]
async fn a_dead_subgraph_costs_its_own_fields_and_its_address_is_not_told() {
    let stack = Stack::start().await;
    stack.subgraphs.kill_order();
    let (id, body) = ask(&stack, "{ product(id: \"1\") { name } order(id: \"7\") { id } }", &[]).await;
    assert_eq!(body["data"], json!({ "product": { "name": "Product 1" }, "order": null }), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{body}");
    assert_eq!(body["errors"][0]["extensions"]["module"], "order", "{body}");
    assert_eq!(body["errors"][0]["extensions"]["requestId"], id.as_str(), "{body}");
    assert!(!body.to_string().contains("127.0.0.1"), "{body}");
}

#[tokio::test]
async fn health_and_metrics_are_there_and_any_page_may_call() {
    let stack = Stack::start().await;
    let client = Client::new();
    let health = client.get(stack.url("/health")).send().await.expect("an answer");
    assert_eq!(health.status(), 200);
    ask(&stack, "{ product(id: \"1\") { name } }", &[]).await;
    let metrics = client.get(stack.url("/metrics")).send().await.expect("an answer").text().await.expect("text");
    assert!(metrics.contains("http_server_request"), "{metrics}");

    let preflight = client
        .request(reqwest::Method::OPTIONS, stack.url("/graphql"))
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .expect("an answer");
    assert!(preflight.status().is_success(), "{preflight:?}");
    assert!(!preflight.headers().contains_key("access-control-allow-credentials"), "{preflight:?}");
    assert_eq!(preflight.headers()["access-control-allow-origin"], "https://shop.example", "{preflight:?}");
}

#[test]
fn the_default_addresses_are_those_of_the_supergraph() {
    let read = |path: &str| -> serde_yaml::Value {
        let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("a file");
        serde_yaml::from_str(&text).expect("YAML")
    };
    let composed = &read("../supergraph.yaml")["subgraphs"];
    let routed = &read("router.yaml")["override_subgraph_urls"]["subgraphs"];
    let apollo = &read("apollo/router.yaml")["override_subgraph_url"];
    let composed = composed.as_mapping().expect("a list of subgraphs");
    assert_eq!(composed.len(), routed.as_mapping().expect("a list of subgraphs").len());
    for (name, subgraph) in composed {
        let name = name.as_str().expect("a name");
        assert_eq!(routed[name]["url"]["default"], subgraph["routing_url"], "{name}");
        let variable = format!("SUBGRAPH_URL_{}", name.to_uppercase());
        assert_eq!(routed[name]["url"]["from_env"], variable.as_str());
        let url = subgraph["routing_url"].as_str().expect("a URL");
        assert_eq!(apollo[name], format!("${{env.{variable}:-{url}}}").as_str());
    }
}
