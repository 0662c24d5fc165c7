//! A subgraph that is slow, broken or away costs only its own fields.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::http::ask;
use crate::process::Stack;

const BOTH: &str = "{ product(id: \"1\") { name } order(id: \"7\") { id } }";

/// How a stand-in for the subgraph `order` behaves.
#[derive(Clone, Copy)]
enum Mood {
    Silent,
    Failing,
    Well,
}

/// A subgraph whose mood can be changed, and how often it was asked.
struct Moody {
    url: String,
    mood: watch::Sender<Mood>,
    asked: watch::Receiver<usize>,
}

impl Moody {
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/graphql", listener.local_addr().expect("an address"));
        let (mood, moods) = watch::channel(mood);
        let (asking, asked) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (moods, asking) = (moods.clone(), asking.clone());
                tokio::spawn(async move {
                    let mut request = vec![0; 65536];
                    while client.read(&mut request).await.is_ok_and(|read| read > 0) {
                        asking.send_modify(|asked| *asked += 1);
                        let mood = *moods.borrow();
                        let (status, body) = match mood {
                            Mood::Silent => std::future::pending().await,
                            Mood::Failing => ("503 Service Unavailable", "away".to_owned()),
                            Mood::Well => ("200 OK", json!({ "data": { "order": { "id": "7" } } }).to_string()),
                        };
                        let head = "content-type: application/json\r\ncontent-length";
                        let answer = format!("HTTP/1.1 {status}\r\n{head}: {}\r\n\r\n{body}", body.len());
                        if client.write_all(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { url, mood, asked }
    }
}

fn only_order_is_missing(body: &Value) {
    assert_eq!(body["data"], json!({ "product": { "name": "Product 1" }, "order": null }), "{body}");
    let errors = body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{body}");
    assert_eq!(errors[0]["extensions"]["code"], "UNAVAILABLE", "{body}");
    assert_eq!(errors[0]["extensions"]["module"], "order", "{body}");
    assert!(!body.to_string().contains("127.0.0.1"), "{body}");
}

#[tokio::test]
async fn a_silent_subgraph_costs_its_own_fields_and_is_waited_for_no_longer_than_told() {
    let order = Moody::start(Mood::Silent).await;
    let stack = Stack::start_with(&[("SUBGRAPH_URL_ORDER", &order.url), ("ROUTER_SUBGRAPH_TIMEOUT", "300ms")]).await;
    only_order_is_missing(&ask(&stack, BOTH, &[]).await.1);
    assert_eq!(*order.asked.borrow(), 1, "it was asked, and did not answer");
}

#[tokio::test]
async fn an_entity_whose_subgraph_is_away_leaves_the_rest_of_its_parent() {
    // Nothing listens there.
    let stack = Stack::start_with(&[("SUBGRAPH_URL_CATALOG", "http://127.0.0.1:1/graphql")]).await;
    let (_, body) = ask(&stack, "{ order(id: \"7\") { id product { id name } } }", &[]).await;
    assert_eq!(body["data"]["order"], json!({ "id": "7", "product": null }), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["module"], "catalog", "{body}");
}

#[tokio::test]
async fn a_failing_subgraph_is_not_asked_for_a_while_and_then_again() {
    let order = Moody::start(Mood::Failing).await;
    let breaker = [("ROUTER_BREAKER_VOLUME", "3"), ("ROUTER_BREAKER_RESET", "1s")];
    let stack = Stack::start_with(&[&[("SUBGRAPH_URL_ORDER", order.url.as_str())], &breaker[..]].concat()).await;
    let questions: usize = 40;
    for _ in 0..questions {
        only_order_is_missing(&ask(&stack, BOTH, &[]).await.1);
    }
    let asked = *order.asked.borrow();
    assert!(asked < questions, "it was asked {asked} times of {questions}");

    order.mood.send(Mood::Well).expect("it runs");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let body = ask(&stack, BOTH, &[]).await.1;
        if body["data"]["order"]["id"] == "7" {
            break;
        }
        only_order_is_missing(&body);
        assert!(tokio::time::Instant::now() < deadline, "it is asked again once it is well: {body}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_request_ends_when_its_time_is_over() {
    let order = Moody::start(Mood::Silent).await;
    let stack = Stack::start_with(&[("SUBGRAPH_URL_ORDER", &order.url), ("ROUTER_REQUEST_TIMEOUT", "1s")]).await;
    let request = Client::new().post(stack.url("/graphql")).json(&json!({ "query": BOTH }));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 504);
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["extensions"]["code"], "GATEWAY_TIMEOUT", "{body}");
}
