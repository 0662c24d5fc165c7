//! Followers find what is new when Redis does not tell them, and end when their viewer does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use futures::{Stream, StreamExt};
use kernel::{AccountId, SessionId};
use redis::aio::ConnectionManager;
use service_kit::{
    Viewer,
    auth::{self, Authenticator},
    live::{Live, REPLAY},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use uuid::Uuid;

fn redis_url() -> String {
    std::env::var("REDIS_URL").expect("REDIS_URL is not set: run the tests with `cargo xtask test`")
}

fn viewer() -> Viewer {
    Viewer {
        account_id: AccountId::new(),
        session_id: SessionId::new(),
        admin: false,
        issued_at_ms: Utc::now().timestamp_millis(),
        expires_at: Utc::now() + TimeDelta::hours(1),
    }
}

/// Live updates whose signals come over the Redis at `url`, and what else they need of the real one.
async fn live(url: &str) -> (Live, ConnectionManager) {
    let real = redis::Client::open(redis_url()).unwrap();
    let redis = ConnectionManager::new(real).await.unwrap();
    let nowhere = "http://127.0.0.1:9/".parse().unwrap();
    let authenticator = Authenticator::new(nowhere, reqwest::Client::new(), redis.clone());
    (Live::start(redis::Client::open(url).unwrap(), redis.clone(), authenticator), redis)
}

/// Follows the numbers up to `last`, which others raise.
fn numbers(
    live: &Live,
    viewer: &Viewer,
    topic: &str,
    last: &Arc<AtomicI64>,
) -> impl Stream<Item = async_graphql::Result<i64>> + Send + use<> {
    let last = last.clone();
    live.follow(*viewer, topic.to_owned(), 0, move |after| {
        let last = last.load(Ordering::SeqCst);
        let numbers = (after + 1..=last).take(usize::try_from(REPLAY).unwrap());
        std::future::ready(Ok(numbers.map(|number| (number, number)).collect()))
    })
}

/// A way to Redis that can stand still: nothing passes, and nobody is told.
async fn way_to_redis() -> (String, watch::Sender<bool>) {
    let target: url::Url = redis_url().parse().unwrap();
    let address = format!("{}:{}", target.host_str().unwrap(), target.port().unwrap_or(6379));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut url = target;
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let (frozen, is_frozen) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (from_client, to_client) = client.into_split();
            let (from_redis, to_redis) = TcpStream::connect(&address).await.unwrap().into_split();
            tokio::spawn(pump(from_client, to_redis, is_frozen.clone()));
            tokio::spawn(pump(from_redis, to_client, is_frozen.clone()));
        }
    });
    (url.to_string(), frozen)
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut is_frozen: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        if is_frozen.wait_for(|is_frozen| !is_frozen).await.is_err() {
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}

#[tokio::test]
async fn a_connection_that_stands_still_is_found_out() {
    let (url, frozen) = way_to_redis().await;
    let (live, _redis) = live(&url).await;
    let (topic, last) = (format!("test/{}", Uuid::now_v7()), Arc::new(AtomicI64::new(1)));
    let mut seen = std::pin::pin!(numbers(&live, &viewer(), &topic, &last));
    assert_eq!(seen.next().await.unwrap().unwrap(), 1);

    frozen.send_replace(true);
    // Published on the real Redis; the way to the follower stands still.
    last.store(2, Ordering::SeqCst);
    live.publish(&topic).await;
    let next = tokio::time::timeout(Duration::from_secs(40), seen.next()).await;
    assert_eq!(next.expect("it is found without a signal").unwrap().unwrap(), 2);

    frozen.send_replace(false);
    last.store(3, Ordering::SeqCst);
    live.publish(&topic).await;
    let next = tokio::time::timeout(Duration::from_secs(40), seen.next()).await;
    assert_eq!(next.expect("it goes on").unwrap().unwrap(), 3);
}

#[tokio::test]
async fn a_session_that_ends_does_not_get_the_rest_of_a_long_replay() {
    let (live, redis) = live(&redis_url()).await;
    let (viewer, last) = (viewer(), Arc::new(AtomicI64::new(100_000)));
    let mut seen = std::pin::pin!(numbers(&live, &viewer, "test/long", &last));
    assert_eq!(seen.next().await.unwrap().unwrap(), 1);
    auth::revoke_session(&redis, viewer.session_id).await.unwrap();
    let mut got = 1;
    let error = loop {
        match seen.next().await.expect("it ends with a reason") {
            Ok(_) => got += 1,
            Err(error) => break error,
        }
    };
    assert!(got < 100_000, "all of it was told");
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code").cloned());
    assert_eq!(code, Some("UNAUTHENTICATED".into()));
    assert!(seen.next().await.is_none());
}
