//! Of two chains of rounds one ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::State, routing::any};
use chrono::Utc;
use contracts::{Ingress, ObjectCall};
use restate_sdk::prelude::*;
use serde_json::json;
use service_kit::rounds::{DueAt, Rounds};
use tokio::net::TcpListener;

const BEGIN: ObjectCall<(), ()> = ObjectCall::new("RoundsOfATest", "begin");
const BEGIN_ANEW: ObjectCall<(), ()> = ObjectCall::new("RoundsOfATest", "begin_anew");
const ROUNDS: Rounds = Rounds::of(ObjectCall::new("RoundsOfATest", "round"));

const PAUSE: Duration = Duration::from_millis(50);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Default)]
struct Seen {
    awaited: AtomicUsize,
    stale: AtomicUsize,
}

struct Job(Arc<Seen>);

#[restate_sdk::object(name = "RoundsOfATest", client_visibility = "pub(crate)")]
impl Job {
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, PAUSE, DAY).await?;
        Ok(Json(()))
    }

    /// Begins although a round is awaited, as `begin` does after the engine was away for long.
    #[handler]
    async fn begin_anew(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        let now = service_kit::step!(ctx, "read the clock", async { Ok(Utc::now()) })?;
        ROUNDS.again(&ctx, now, PAUSE);
        Ok(Json(()))
    }

    #[handler]
    async fn round(&self, ctx: ObjectContext<'_>, Json(due): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        let is_awaited = ROUNDS.is_awaited(&ctx, due).await?;
        let now = service_kit::step!(ctx, "count", async {
            let counter = if is_awaited { &self.0.awaited } else { &self.0.stale };
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(Utc::now())
        })?;
        if is_awaited {
            ROUNDS.again(&ctx, now, PAUSE);
        }
        Ok(Json(()))
    }
}

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("after a minute still not: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rounds_begin_once_and_a_second_chain_ends() {
    let seen = Arc::new(Seen::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/restate", listener.local_addr().unwrap());
    async fn handle(State(endpoint): State<Endpoint>, request: axum::extract::Request) -> axum::response::Response {
        endpoint.handle(request).map(Body::new)
    }
    let endpoint = Endpoint::builder().bind(Job(seen.clone())).build();
    let app = Router::new().route("/restate/{*path}", any(handle)).with_state(endpoint);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let deployments = format!("{}/deployments", setting("RESTATE_ADMIN_URL").trim_end_matches('/'));
    let body = json!({"uri": base, "force": true});
    let answer = reqwest::Client::new().post(deployments).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let ingress = Ingress::connect(&setting("RESTATE_INGRESS_URL").parse().unwrap(), Vec::new).unwrap();

    let (awaited, stale) = (|| seen.awaited.load(Ordering::SeqCst), || seen.stale.load(Ordering::SeqCst));
    for key in ["first", "second"] {
        BEGIN.at_ingress(&ingress, "job", key, ()).await.unwrap();
    }
    until("five rounds", || awaited() >= 5).await;
    assert_eq!(stale(), 0, "who begins a second time finds a round awaited");

    BEGIN_ANEW.at_ingress(&ingress, "job", "third", ()).await.unwrap();
    until("the round of the first chain is not awaited any more", || stale() == 1).await;
    let so_far = awaited();
    until("ten rounds more", || awaited() >= so_far + 10).await;
    assert_eq!(stale(), 1, "the first chain has ended");
}
