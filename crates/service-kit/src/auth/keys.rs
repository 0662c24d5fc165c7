//! The public keys by which access tokens are verified, read from the account module and kept.
//!
//! A known key goes on working while the account module is away, whether it refuses or says nothing: nobody who holds a
//! token that is signed with it waits.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{DecodingKey, jwk::JwkSet};
use tokio::sync::Mutex;
use url::Url;

use crate::{Error, Result};

/// Keys are read again at this age, so that a withdrawn key stops working.
const MAX_AGE: Duration = Duration::from_secs(300);
/// An unknown key id causes a new read at most this often: a forger must not make us hammer the account module.
const PAUSE: Duration = Duration::from_secs(1);
/// How long known keys are taken as they are after they could not be read again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);
/// Longer than this the account module is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The keys, and where they come from.
pub(super) struct KeyRing {
    url: Url,
    http: reqwest::Client,
    max_age: Duration,
    keys: RwLock<Keys>,
    /// Held by whoever reads them anew.
    reading: Mutex<()>,
}

#[derive(Default)]
struct Keys {
    by_kid: HashMap<String, DecodingKey>,
    read_at: Option<Instant>,
    failed_at: Option<Instant>,
}

impl KeyRing {
    /// Keys that are read from `url` when the first one is needed.
    pub(super) fn new(url: Url, http: reqwest::Client) -> Self {
        Self { url, http, max_age: MAX_AGE, keys: RwLock::default(), reading: Mutex::default() }
    }

    /// The key of this id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when there is no such key, [`Error::Unavailable`] when that cannot be told.
    pub(super) async fn key(&self, kid: &str) -> Result<DecodingKey> {
        if let Some(known) = self.settled(kid) {
            return known;
        }
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).by_kid.get(kid).cloned();
        let _reading = match &known {
            Some(key) => match self.reading.try_lock() {
                Ok(reading) => reading,
                Err(_) => return Ok(key.clone()),
            },
            None => self.reading.lock().await,
        };
        // Somebody else may have read them meanwhile.
        if let Some(known) = self.settled(kid) {
            return known;
        }
        let read = self.read().await;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        match (read, known) {
            (Ok(by_kid), _) => {
                *keys = Keys { by_kid, read_at: Some(Instant::now()), failed_at: None };
                keys.by_kid.get(kid).cloned().ok_or(Error::Unauthenticated)
            }
            (Err(error), known) => {
                keys.failed_at = Some(Instant::now());
                tracing::warn!(%error, "the JWKS cannot be read; known keys go on working");
                known.ok_or_else(away)
            }
        }
    }

    /// What can be told without asking.
    fn settled(&self, kid: &str) -> Option<Result<DecodingKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let within = |at: Option<Instant>, time| at.is_some_and(|at| at.elapsed() < time);
        match keys.by_kid.get(kid) {
            Some(key) => {
                let settled = within(keys.read_at, self.max_age) || within(keys.failed_at, PAUSE_AFTER_FAILURE);
                settled.then(|| Ok(key.clone()))
            }
            None if within(keys.failed_at, PAUSE) => Some(Err(away())),
            None => within(keys.read_at, PAUSE).then_some(Err(Error::Unauthenticated)),
        }
    }

    async fn read(&self) -> Result<HashMap<String, DecodingKey>, reqwest::Error> {
        let answer = self.http.get(self.url.clone()).timeout(PATIENCE).send().await?.error_for_status()?;
        let set: JwkSet = answer.json().await?;
        let keys = set.keys.iter().filter_map(|jwk| {
            let kid = jwk.common.key_id.clone()?;
            Some((kid, DecodingKey::from_jwk(jwk).ok()?))
        });
        Ok(keys.collect())
    }
}

/// Whether a key is ours cannot be told.
fn away() -> Error {
    Error::unavailable("verifying an access token", "the JWKS cannot be read")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use axum::{Json, Router, routing::get};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    /// Serves one key to the first who asks, and leaves everybody after that without an answer.
    async fn silent_after_the_first() -> (Url, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let x = "wcg9YV7ojhoOXCUnSOR_qj2WejZ5EZg4wmC5Q8gg6pU";
        let keys =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": x}]});
        let answer = move || {
            let (keys, before) = (keys.clone(), counted.fetch_add(1, Ordering::Relaxed));
            async move { if before == 0 { Json(keys) } else { std::future::pending().await } }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().route("/jwks.json", get(answer));
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, asked)
    }

    #[tokio::test]
    async fn a_known_key_works_while_the_account_module_says_nothing_and_few_wait_for_it() {
        let (url, asked) = silent_after_the_first().await;
        // Always too old.
        let ring = KeyRing { max_age: Duration::ZERO, ..KeyRing::new(url, reqwest::Client::new()) };
        assert!(ring.key("one").await.is_ok());
        let all = futures::future::join_all((0..20).map(|_| ring.key("one"))).await;
        assert!(all.iter().all(Result::is_ok));
        for _ in 0..20 {
            assert!(ring.key("one").await.is_ok());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2, "one of them asked, for all");
        assert!(matches!(ring.key("two").await, Err(Error::Unavailable(_))), "nobody can tell");
    }

    #[tokio::test]
    async fn a_key_that_nobody_knows_proves_nothing_and_is_asked_for_once() {
        let (url, asked) = silent_after_the_first().await;
        let ring = KeyRing::new(url, reqwest::Client::new());
        assert!(matches!(ring.key("two").await, Err(Error::Unauthenticated)));
        assert!(ring.key("one").await.is_ok(), "what was read stays");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn without_the_account_module_nothing_is_known_of_a_new_key() {
        let ring = KeyRing::new("http://127.0.0.1:1/jwks.json".parse().unwrap(), reqwest::Client::new());
        assert!(matches!(ring.key("one").await, Err(Error::Unavailable(_))));
    }
}
