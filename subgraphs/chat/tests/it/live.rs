//! What following costs.

use chat::store;
use chrono::{TimeDelta, Utc};
use futures::{StreamExt, stream::BoxStream};
use kernel::{AccountId, ConversationId, SessionId};
use service_kit::{Platform, Viewer, live::Numbered};
use test_kit::TestDatabase;
use tokio::time::{Instant, sleep, timeout};

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(60);

fn viewer() -> Viewer {
    let expires_at = Utc::now() + TimeDelta::minutes(15);
    let issued_at_ms = Utc::now().timestamp_millis();
    Viewer { account_id: AccountId::new(), session_id: SessionId::new(), admin: false, issued_at_ms, expires_at }
}

/// How many topics each connection to Redis that is there to listen listens to, of every process.
async fn listeners(platform: &Platform) -> Vec<u64> {
    let mut redis = platform.redis.clone();
    let list: String =
        redis::cmd("CLIENT").arg("LIST").arg("TYPE").arg("PUBSUB").query_async(&mut redis).await.unwrap();
    let topics = |line: &str| line.split(' ').find_map(|field| field.strip_prefix("sub="))?.parse().ok();
    list.lines().filter_map(topics).collect()
}

async fn until_listening(platform: &Platform, is_so: impl Fn(&[u64]) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let listening = listeners(platform).await;
        if is_so(&listening) {
            return;
        }
        assert!(Instant::now() < deadline, "{listening:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

const QUIET: u64 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_quiet_topics_cost_one_connection() {
    let platform = Platform::connect(TestDatabase::create().await.config()).await.unwrap();
    let newest = Arc::new(AtomicI64::new(0));
    let (one, viewer) = (ConversationId::new(), viewer());
    let mut streams: Vec<BoxStream<'static, async_graphql::Result<i64>>> = Vec::new();
    for number in 0..QUIET {
        let newest = newest.clone();
        let topic = if number == 0 { store::topic(one) } else { store::topic(ConversationId::new()) };
        let read = move |seen: i64| {
            let newest = newest.load(Ordering::SeqCst);
            let rows: Vec<Numbered<i64>> = (seen + 1..=newest).map(|row| (row, row)).collect();
            async move { Ok(rows) }
        };
        let mut stream = platform.live.follow(viewer, topic, 0, read).boxed();
        // It follows once it is asked for the first time, and there is nothing yet.
        assert!(futures::poll!(stream.next()).is_pending());
        streams.push(stream);
    }
    // Other tests have connections of their own, with few topics.
    let of_many = |listening: &[u64]| listening.iter().filter(|topics| **topics >= 100).copied().collect::<Vec<_>>();
    // The ends of the viewer's session and account are two topics more, for all of them together, and by another one the
    // connection is tried.
    until_listening(&platform, |listening| of_many(listening) == [QUIET + 3]).await;

    newest.store(1, Ordering::SeqCst);
    platform.live.publish(&store::topic(one)).await;
    let row = timeout(PATIENCE, streams[0].next()).await.expect("a signal reaches its topic").unwrap().unwrap();
    assert_eq!(row, 1);
    drop(streams);
    until_listening(&platform, |listening| of_many(listening).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_a_client_that_does_not_read_nothing_is_read_from_the_database() {
    let platform = Platform::connect(TestDatabase::create().await.config()).await.unwrap();
    let (handed_out, topic) = (Arc::new(AtomicI64::new(0)), store::topic(ConversationId::new()));
    let counted = handed_out.clone();
    let read = move |seen: i64| {
        let page: Vec<Numbered<i64>> = (seen + 1..=seen + 100).map(|row| (row, row)).collect();
        counted.fetch_add(100, Ordering::SeqCst);
        async move { Ok(page) }
    };
    let mut stream = platform.live.follow(viewer(), topic.clone(), 0, read).boxed();
    assert_eq!(stream.next().await.unwrap().unwrap(), 1);
    for _ in 0..1000 {
        platform.live.publish(&topic).await;
    }
    assert_eq!(handed_out.load(Ordering::SeqCst), 100, "one page, however much there is to come");
    for number in 2..=101 {
        assert_eq!(stream.next().await.unwrap().unwrap(), number, "and nothing is missing when it reads again");
    }
    assert_eq!(handed_out.load(Ordering::SeqCst), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_token_does_and_says_why() {
    let platform = Platform::connect(TestDatabase::create().await.config()).await.unwrap();
    let nothing = |_| async { Ok(Vec::<Numbered<i64>>::new()) };
    let topic = || store::topic(ConversationId::new());
    let ends = |viewer: Viewer| {
        let mut stream = platform.live.follow(viewer, topic(), 0, nothing).boxed();
        async move {
            let end = timeout(PATIENCE, stream.next()).await.expect("the stream ends").unwrap().unwrap_err();
            assert!(stream.next().await.is_none(), "an error is the end");
            let code = end.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
            (code.unwrap().to_string(), end.message)
        }
    };
    let short = Viewer { expires_at: Utc::now() + TimeDelta::seconds(1), ..viewer() };
    let (code, why) = ends(short).await;
    assert!(code.contains("UNAUTHENTICATED") && why.contains("expired"), "{code} {why}");

    let (by_session, by_account) = (viewer(), viewer());
    let streams = futures::future::join(ends(by_session), ends(by_account));
    let ending = async {
        service_kit::auth::revoke_session(&platform.redis, by_session.session_id).await.unwrap();
        service_kit::auth::revoke_account(&platform.redis, by_account.account_id).await.unwrap();
    };
    let (ended, ()) = futures::future::join(streams, ending).await;
    for (code, why) in [ended.0, ended.1] {
        assert!(code.contains("UNAUTHENTICATED") && why.contains("session of this stream is over"), "{code} {why}");
    }
}
