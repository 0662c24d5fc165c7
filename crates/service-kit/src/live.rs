//! Live updates without loss.
//!
//! The truth is in the database: whoever writes a change gives it a sequence number in the same transaction, and
//! publishes afterwards that the topic has *something* new. A follower reads the rows after the last one it has seen,
//! then waits for the next signal. Redis carries no content, so a lost, doubled or late signal loses, doubles and
//! disorders nothing; when Redis itself is away, followers read the database at intervals until it is back.
//!
//! One process holds one Redis connection for all its topics, however many followers there are.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::Utc;
use futures::{Stream, StreamExt};
use redis::{
    AsyncCommands,
    aio::{ConnectionManager, PubSubSink},
};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::{
    Error, Result, Viewer,
    auth::{self, Authenticator},
};

/// Publishes and follows topics.
#[derive(Clone)]
pub struct Live {
    hub: Hub,
    redis: ConnectionManager,
    authenticator: Authenticator,
}

/// A row of a followed topic and its sequence number.
pub type Numbered<T> = (i64, T);

/// How many rows a follower reads at once.
pub const REPLAY: u64 = 25;
/// How long it waits after so many before it reads on. A router gives each subscription room for some of its events and
/// drops what does not fit, so a long absence is caught up with at a pace that clients can keep.
const REPLAY_PAUSE: Duration = Duration::from_millis(50);
/// How long a follower waits for a signal before it looks by itself: whoever wrote a row may have died before it told.
const LOOK_INTERVAL: Duration = Duration::from_secs(60);

impl Live {
    /// Starts the connection that carries the signals of this process.
    pub fn start(client: redis::Client, redis: ConnectionManager, authenticator: Authenticator) -> Self {
        Self { hub: Hub::start(client, redis.clone()), redis, authenticator }
    }

    /// Tells all followers of `topic`, in every process, that there is something new. Call it after the commit. It
    /// never fails: when Redis is away, followers find the change by themselves.
    pub async fn publish(&self, topic: &str) {
        let published: redis::RedisResult<i64> = self.redis.clone().publish(topic, "").await;
        if let Err(error) = published {
            tracing::warn!(%error, topic, "a signal was not published; followers will read the database");
        }
    }

    /// Streams the rows of `topic` after the sequence number `after`, each once and in order: first those that are
    /// there, then those to come. `read` gives the first [`REPLAY`] rows after a number, in order, or none when there are none.
    ///
    /// A signal that was lost, as when a process dies between its commit and its publishing, is made up for within a
    /// minute.
    ///
    /// The stream ends with `UNAUTHENTICATED` when the viewer's token expires or is revoked, also in the middle of a long
    /// replay.
    pub fn follow<T, F, Fut>(
        &self,
        viewer: Viewer,
        topic: String,
        after: i64,
        read: F,
    ) -> impl Stream<Item = async_graphql::Result<T>> + Send + use<T, F, Fut>
    where
        T: Send + 'static,
        F: Fn(i64) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Vec<Numbered<T>>>> + Send,
    {
        let live = self.clone();
        async_stream::stream! {
            let mut news = live.hub.topic(topic);
            let mut session = live.hub.topic(auth::session_key(viewer.session_id));
            let mut account = live.hub.topic(auth::account_key(viewer.account_id));
            let lifetime = (viewer.expires_at - Utc::now()).to_std().unwrap_or_default();
            let expiry = tokio::time::sleep(lifetime);
            tokio::pin!(expiry);
            let mut seen = after;
            loop {
                news.mark_seen();
                let rows = match read(seen).await {
                    Ok(rows) => rows,
                    Err(error) => {
                        // The client still holds what it has seen, and resumes with `after`.
                        yield Err(error.into());
                        return;
                    }
                };
                let (is_at_end, is_whole_page) = (rows.is_empty(), rows.len() as u64 >= REPLAY);
                for (number, row) in rows {
                    seen = number;
                    yield Ok(row);
                }
                if !is_at_end && !is_whole_page {
                    continue;
                }
                // No signal shortens the pause of a replay: the router has room for a few pages, not for all of them.
                let pause = if is_at_end { LOOK_INTERVAL } else { REPLAY_PAUSE };
                tokio::select! {
                    () = news.changed(), if is_at_end => {}
                    () = tokio::time::sleep(pause) => {}
                    () = &mut expiry => {
                        yield Err(ended(EXPIRED));
                        return;
                    }
                    () = session.changed(), if is_at_end => {}
                    () = account.changed(), if is_at_end => {}
                }
                if live.authenticator.is_revoked(&viewer).await {
                    yield Err(ended(REVOKED));
                    return;
                }
            }
        }
    }

    /// Streams the state that `read` gives: how it is now, and then whenever it has changed. It is read anew at a signal
    /// of any of `topics`, and after `interval` at the latest, for what changes without a signal.
    ///
    /// The stream ends with `UNAUTHENTICATED` when the viewer's token expires or is revoked.
    pub fn observe<T, F, Fut>(
        &self,
        viewer: Viewer,
        topics: Vec<String>,
        interval: Duration,
        read: F,
    ) -> impl Stream<Item = async_graphql::Result<T>> + Send + use<T, F, Fut>
    where
        T: Clone + PartialEq + Send + 'static,
        F: Fn() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send,
    {
        let live = self.clone();
        async_stream::stream! {
            let ends = [auth::session_key(viewer.session_id), auth::account_key(viewer.account_id)];
            let mut watched: Vec<Topic> = topics.into_iter().chain(ends).map(|name| live.hub.topic(name)).collect();
            let lifetime = (viewer.expires_at - Utc::now()).to_std().unwrap_or_default();
            let expiry = tokio::time::sleep(lifetime);
            tokio::pin!(expiry);
            let mut shown = None;
            loop {
                watched.iter_mut().for_each(Topic::mark_seen);
                match read().await {
                    Ok(state) if shown.as_ref() == Some(&state) => {}
                    Ok(state) => {
                        shown = Some(state.clone());
                        yield Ok(state);
                    }
                    Err(error) => {
                        yield Err(error.into());
                        return;
                    }
                }
                let news = futures::future::select_all(watched.iter_mut().map(|topic| Box::pin(topic.changed())));
                let expired = tokio::select! {
                    _ = news => false,
                    () = tokio::time::sleep(interval) => false,
                    () = &mut expiry => true,
                };
                if expired || live.authenticator.is_revoked(&viewer).await {
                    yield Err(ended(if expired { EXPIRED } else { REVOKED }));
                    return;
                }
            }
        }
    }

    /// Streams a signal whenever `topic` may have something new, for what is not a numbered list (presence, typing).
    pub fn signals(&self, topic: String) -> impl Stream<Item = ()> + Send + use<> {
        let mut topic = self.hub.topic(topic);
        async_stream::stream! {
            loop {
                topic.changed().await;
                yield ();
            }
        }
    }
}

const EXPIRED: &str = "The access token of this stream has expired. Refresh the session and subscribe again.";
const REVOKED: &str = "The session of this stream is over. Log in again.";

/// The end of a stream whose viewer is let in no longer: `UNAUTHENTICATED`, and why.
fn ended(why: &str) -> async_graphql::Error {
    async_graphql::Error { message: why.to_owned(), ..Error::Unauthenticated.into() }
}

/// All topics that somebody in this process follows.
#[derive(Clone)]
struct Hub {
    topics: Arc<Mutex<HashMap<String, watch::Sender<u64>>>>,
    wanted: mpsc::UnboundedSender<Wanted>,
}

enum Wanted {
    Subscribe(String),
    Unsubscribe(String),
}

/// How often followers read the database while Redis is away.
const BLIND_INTERVAL: Duration = Duration::from_secs(1);

/// How often the connection is tried.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long Redis may take for one command.
const PATIENCE: Duration = Duration::from_secs(3);

/// A command that fails when Redis stands still.
async fn in_time<T>(command: impl Future<Output = redis::RedisResult<T>>) -> redis::RedisResult<T> {
    tokio::time::timeout(PATIENCE, command).await.unwrap_or_else(|_| Err(silent()))
}

fn silent() -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

impl Hub {
    fn start(client: redis::Client, redis: ConnectionManager) -> Self {
        let (wanted, requests) = mpsc::unbounded_channel();
        let hub = Self { topics: Arc::default(), wanted };
        tokio::spawn(hub.clone().run(client, redis, requests));
        hub
    }

    fn topic(&self, name: String) -> Topic {
        let mut topics = self.topics.lock().expect("no holder of this lock can panic");
        let receiver = match topics.get(&name) {
            Some(sender) => sender.subscribe(),
            None => {
                let (sender, receiver) = watch::channel(0);
                topics.insert(name.clone(), sender);
                // The task lives as long as the hub does.
                let _ = self.wanted.send(Wanted::Subscribe(name.clone()));
                receiver
            }
        };
        Topic { name, receiver: Some(receiver), hub: self.clone() }
    }

    fn signal(&self, name: &str) {
        if let Some(sender) = self.topics.lock().expect("no holder of this lock can panic").get(name) {
            sender.send_modify(|count| *count += 1);
        }
    }

    fn signal_all(&self) {
        for sender in self.topics.lock().expect("no holder of this lock can panic").values() {
            sender.send_modify(|count| *count += 1);
        }
    }

    fn names(&self) -> Vec<String> {
        self.topics.lock().expect("no holder of this lock can panic").keys().cloned().collect()
    }

    /// Keeps the connection, for ever: subscribes anew after each loss, and lets everybody look when it is back.
    async fn run(self, client: redis::Client, redis: ConnectionManager, mut requests: mpsc::UnboundedReceiver<Wanted>) {
        loop {
            if let Err(error) = self.listen(&client, &redis, &mut requests).await {
                tracing::warn!(%error, "the connection for live updates is lost; followers read the database meanwhile");
            }
            self.signal_all();
            tokio::time::sleep(BLIND_INTERVAL).await;
        }
    }

    /// Listens until the connection is lost. One that only stands still is found out by signals of our own.
    async fn listen(
        &self,
        client: &redis::Client,
        redis: &ConnectionManager,
        requests: &mut mpsc::UnboundedReceiver<Wanted>,
    ) -> redis::RedisResult<()> {
        let (mut sink, mut messages) = in_time(client.get_async_pubsub()).await?.split();
        let heartbeat = format!("live/heartbeat/{}", Uuid::now_v7());
        in_time(sink.subscribe(&heartbeat)).await?;
        for name in self.names() {
            in_time(sink.subscribe(&name)).await?;
        }
        // What was published before the subscription took hold has to be looked for.
        self.signal_all();
        let mut beats = tokio::time::interval(HEARTBEAT);
        let mut is_alive = true;
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => {
                        is_alive = true;
                        self.signal(message.get_channel_name());
                    }
                    None => return Ok(()),
                },
                Some(request) = requests.recv() => in_time(self.change(&mut sink, request)).await?,
                _ = beats.tick() => {
                    if !std::mem::take(&mut is_alive) {
                        return Err(silent());
                    }
                    in_time(redis.clone().publish::<_, _, ()>(&heartbeat, "")).await?;
                }
            }
        }
    }

    async fn change(&self, sink: &mut PubSubSink, request: Wanted) -> redis::RedisResult<()> {
        match request {
            Wanted::Subscribe(name) => {
                sink.subscribe(&name).await?;
                self.signal(&name);
            }
            Wanted::Unsubscribe(name) => {
                let unused = {
                    let mut topics = self.topics.lock().expect("no holder of this lock can panic");
                    let unused = topics.get(&name).is_some_and(|sender| sender.receiver_count() == 0);
                    if unused {
                        topics.remove(&name);
                    }
                    unused
                };
                if unused {
                    sink.unsubscribe(&name).await?;
                }
            }
        }
        Ok(())
    }
}

/// One follower's view of a topic.
struct Topic {
    name: String,
    receiver: Option<watch::Receiver<u64>>,
    hub: Hub,
}

impl Topic {
    fn mark_seen(&mut self) {
        if let Some(receiver) = &mut self.receiver {
            receiver.mark_unchanged();
        }
    }

    async fn changed(&mut self) {
        let receiver = self.receiver.as_mut().expect("taken only on drop");
        if receiver.changed().await.is_err() {
            // The sender lives in the hub as long as this topic has a receiver.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        drop(self.receiver.take());
        let _ = self.hub.wanted.send(Wanted::Unsubscribe(std::mem::take(&mut self.name)));
    }
}
