//! Persisted documents: recorded from clients, sent by their hash, and a safelist of them.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::process::Stack;

const QUERY: &str = "query Named($id: ID!) { product(id: $id) { name } }";

async fn answer(request: RequestBuilder) -> Value {
    request.send().await.expect("an answer").json().await.expect("JSON")
}

fn post(stack: &Stack, body: &Value) -> RequestBuilder {
    Client::new().post(stack.url("/graphql")).json(body)
}

#[tokio::test]
async fn what_clients_send_is_recorded_once_and_served_by_its_hash_and_nothing_else() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("documents.json");
    let manifest = path.to_str().expect("text");
    let variables = json!({ "id": "1" });

    let recording = Stack::start_with(&[("ROUTER_RECORD_DOCUMENTS", manifest)]).await;
    for _ in 0..2 {
        answer(post(&recording, &json!({ "query": QUERY, "variables": variables }))).await;
    }
    answer(post(&recording, &json!({ "query": "{ nothing }" }))).await;
    let recorded: Value = serde_json::from_slice(&std::fs::read(&path).expect("a manifest")).expect("JSON");
    let hash = hex::encode(Sha256::digest(QUERY));
    assert_eq!(recorded, json!({ &hash: QUERY }), "once, and nothing that is not valid");
    drop(recording);

    let strict = Stack::start_with(&[("ROUTER_PERSISTED_DOCUMENTS", manifest), ("ROUTER_SAFELIST", "true")]).await;
    let by_apollo = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    for body in [
        json!({ "documentId": hash, "variables": variables }),
        json!({ "extensions": by_apollo, "variables": variables }),
    ] {
        let body = answer(post(&strict, &body)).await;
        assert_eq!(body["data"]["product"]["name"], "Product 1", "{body}");
    }
    for (body, code) in [
        (json!({ "query": QUERY, "variables": variables }), "PERSISTED_DOCUMENT_ID_REQUIRED"),
        (json!({ "documentId": "unknown" }), "PERSISTED_DOCUMENT_NOT_FOUND"),
        (json!({ "query": "{ forbidden }", "documentId": "unknown" }), "PERSISTED_DOCUMENT_NOT_FOUND"),
    ] {
        let refusal = answer(post(&strict, &body)).await;
        assert_eq!(refusal["errors"][0]["extensions"]["code"], code, "{refusal}");
        assert!(refusal["data"].is_null(), "{refusal}");
    }
    // A document that is added to the manifest is served without a restart.
    let more = json!({ &hash: QUERY, "typename": "{ __typename }" });
    std::fs::write(&path, more.to_string()).expect("it is written");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let body = answer(post(&strict, &json!({ "documentId": "typename" }))).await;
        if body["data"]["__typename"] == "Query" {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{body}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn without_the_safelist_documents_may_be_sent_either_way() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("documents.json");
    std::fs::write(&path, json!({ "named": QUERY }).to_string()).expect("it is written");
    let stack = Stack::start_with(&[("ROUTER_PERSISTED_DOCUMENTS", path.to_str().expect("text"))]).await;
    for body in [json!({ "query": QUERY }), json!({ "documentId": "named" })] {
        let mut body = body;
        body["variables"] = json!({ "id": "1" });
        let answer = answer(post(&stack, &body)).await;
        assert_eq!(answer["data"]["product"]["name"], "Product 1", "{answer}");
    }
}
