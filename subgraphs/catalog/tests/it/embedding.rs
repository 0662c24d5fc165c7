//! Embedders: the local model, an endpoint, and each of them failing.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use catalog::search::embedding::{self, Embedder, MiniLm};
use serde_json::{Value, json};
use service_kit::Config;
use tokio::net::TcpListener;

use crate::indexing::{Indexed, local_model, names};

fn configured(settings: &[(&str, &str)]) -> Result<Option<Arc<dyn Embedder>>, String> {
    let needed = [
        ("DATABASE_URL", "postgres://owner@localhost/none"),
        ("MODULE_ROLE_SECRET", "secret"),
        ("REDIS_URL", "redis://localhost"),
        ("RESTATE_INGRESS_URL", "http://localhost:1"),
        ("RESTATE_ADMIN_URL", "http://localhost:1"),
    ];
    let variables: HashMap<String, String> =
        needed.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let config = Config::from_variables(variables).unwrap();
    embedding::from_config(&config, &reqwest::Client::new()).map_err(|error| error.to_string())
}

/// An endpoint that fails as often as it is told to.
struct Vendor {
    failures: AtomicUsize,
    asked: AtomicUsize,
}

async fn embeddings(State(vendor): State<Arc<Vendor>>, Json(body): Json<Value>) -> Result<Json<Value>, StatusCode> {
    vendor.asked.fetch_add(1, Ordering::SeqCst);
    let fails = vendor.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    if fails {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let vectors = body["input"].as_array().unwrap().iter().enumerate().map(|(index, text)| {
        let letters = |set: &str| text.as_str().unwrap().chars().filter(|c| set.contains(*c)).count();
        json!({"index": index, "embedding": [letters("aeiou"), letters("bcdfgh"), letters("klmnprst")]})
    });
    // The order is the index's, not the list's.
    let data: Vec<Value> = vectors.rev().collect();
    Ok(Json(json!({"data": data})))
}

async fn vendor(failures: usize) -> (Arc<Vendor>, String) {
    let vendor = Arc::new(Vendor { failures: failures.into(), asked: 0.into() });
    let app = Router::new().route("/v1/embeddings", post(embeddings)).with_state(vendor.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (vendor, url)
}

fn endpoint(url: &str) -> Arc<dyn Embedder> {
    let settings = [
        ("EMBEDDING_PROVIDER", "endpoint"),
        ("EMBEDDING_URL", url),
        ("EMBEDDING_MODEL", "letters"),
        ("EMBEDDING_DIMENSIONS", "3"),
    ];
    configured(&settings).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_with_like_meaning_are_near_each_other() {
    let texts = ["a comfortable sofa", "a cosy couch", "a cordless drill"].map(str::to_owned);
    let vectors = local_model().embed(texts.to_vec()).await.unwrap();
    let near = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(x, y)| x * y).sum::<f32>();
    assert!(vectors.iter().all(|vector| vector.len() == 384 && (near(vector, vector) - 1.0).abs() < 1e-4));
    assert!(near(&vectors[0], &vectors[1]) > near(&vectors[0], &vectors[2]) + 0.2);
    // Alone or in a batch, beside a short text or a long one, a text has one vector.
    let many: Vec<String> = (0..40).map(|number| "long ".repeat(number)).chain(texts.into_iter().take(1)).collect();
    let in_batch = local_model().embed(many).await.unwrap();
    assert!(near(&in_batch[40], &vectors[0]) > 0.9999);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_asked_again_when_it_fails_and_left_alone_when_it_goes_on() {
    let (asked, url) = vendor(2).await;
    let vectors = endpoint(&url).embed(vec!["banana".to_owned(), "zzz".to_owned()]).await.unwrap();
    assert_eq!(asked.asked.load(Ordering::SeqCst), 3);
    assert!((vectors[0][0] - 0.802).abs() < 0.01, "in the order of the texts, with length one: {vectors:?}");

    let (asked, url) = vendor(100).await;
    let down = endpoint(&url);
    let error = down.embed(vec!["banana".to_owned()]).await.unwrap_err().to_string();
    assert!(error.contains("503"), "{error}");
    let rests = down.embed(vec!["banana".to_owned()]).await.unwrap_err().to_string();
    assert!(rests.contains("a moment ago") && asked.asked.load(Ordering::SeqCst) == 3, "{rests}");
}

#[tokio::test(flavor = "multi_thread")]
async fn search_goes_on_by_words_when_the_endpoint_is_down_and_by_meaning_when_it_is_back() {
    let (vendor, url) = vendor(0).await;
    let indexed = Indexed::open_with(Some(endpoint(&url))).await;
    indexed.stock_up().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID");
    vendor.failures.store(1_000, Ordering::SeqCst);
    let found = indexed.found(json!({"query": "wireless mouse"})).await;
    assert_eq!((found["mode"].as_str(), names(&found)[0].as_str()), (Some("TEXT"), "Wireless mouse"));
    // New products are found by their words meanwhile.
    indexed.product("Garden hose", "", 10).await;
    indexed.follow().await;
    assert_eq!(indexed.names("hose").await[0], "Garden hose");
    // It comes back, and is asked again after a rest.
    vendor.failures.store(0, Ordering::SeqCst);
    let deadline = Instant::now() + Duration::from_secs(60);
    while indexed.found(json!({"query": "mouse"})).await["mode"] != "HYBRID" {
        assert!(Instant::now() < deadline, "it goes on by words");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_goes_on_by_words_when_the_weights_are_missing() {
    let indexed = Indexed::open_with(Some(MiniLm::shared("/nowhere/at/all".into()))).await;
    indexed.stock_up().await;
    let found = indexed.found(json!({"query": "wireless mouse"})).await;
    assert_eq!((found["mode"].as_str(), names(&found)[0].as_str()), (Some("TEXT"), "Wireless mouse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_of_another_model_are_never_mixed() {
    let (_vendor, url) = vendor(0).await;
    let mut indexed = Indexed::open_with(Some(endpoint(&url))).await;
    indexed.stock_up().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID");
    indexed.search.embedder = Some(local_model());
    indexed.shop = indexed.shop.with_search(indexed.search.clone());
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "TEXT", "the vectors there are of the other");
    catalog::store::index::vectors_outdate(&indexed.shop.db, "all-MiniLM-L6-v2").await.unwrap();
    indexed.follow().await;
    assert_eq!(indexed.found(json!({"query": "mouse"})).await["mode"], "HYBRID");
    assert_eq!(indexed.names("couch").await[0], "Leather sofa");
}

#[test]
fn an_unusable_setting_is_named() {
    for (settings, name) in [
        (vec![("EMBEDDING_PROVIDER", "magic")], "EMBEDDING_PROVIDER"),
        (vec![("EMBEDDING_PROVIDER", "endpoint")], "EMBEDDING_"),
        (
            vec![("EMBEDDING_PROVIDER", "endpoint"), ("EMBEDDING_URL", "no url"), ("EMBEDDING_DIMENSIONS", "3")],
            "EMBEDDING_URL",
        ),
    ] {
        let error = configured(&settings).err().unwrap();
        assert!(error.starts_with(name), "{error}");
    }
    assert!(configured(&[("EMBEDDING_PROVIDER", "none")]).unwrap().is_none());
}
