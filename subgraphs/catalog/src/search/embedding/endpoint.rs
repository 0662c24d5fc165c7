//! Any endpoint that speaks OpenAI's embeddings API.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{FutureExt, future::BoxFuture};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use service_kit::{Config, ConfigError};
use url::Url;

use super::{Embedder, EmbeddingError, invalid, normalised};

/// A remote model.
pub struct Endpoint {
    http: reqwest::Client,
    url: Url,
    model: String,
    dimensions: usize,
    key: Option<SecretString>,
    /// Until when nobody asks it again, in milliseconds since the epoch: what is down is left alone for a while.
    resting_until_ms: AtomicU64,
}

/// Attempts at one request.
const ATTEMPTS: u32 = 3;

/// How long an endpoint that failed is left alone.
const REST: Duration = Duration::from_secs(5);

impl Endpoint {
    /// An endpoint by its settings: `EMBEDDING_URL`, `EMBEDDING_MODEL`, `EMBEDDING_DIMENSIONS`, `EMBEDDING_API_KEY`.
    ///
    /// # Errors
    /// A setting is missing or unusable.
    pub fn from_config(config: &Config, http: &reqwest::Client) -> Result<Self, ConfigError> {
        let needed = |name: &str| config.setting(name).ok_or_else(|| ConfigError::Missing(name.to_owned()));
        let base = needed("EMBEDDING_URL")?.trim_end_matches('/');
        let url = Url::parse(&format!("{base}/embeddings"));
        let dimensions = config.setting_or("EMBEDDING_DIMENSIONS", 0)?;
        if !(1..=4096).contains(&dimensions) {
            return Err(invalid("EMBEDDING_DIMENSIONS", "it is between 1 and 4096"));
        }
        Ok(Self {
            http: http.clone(),
            url: url.map_err(|_| invalid("EMBEDDING_URL", "it is not a URL"))?,
            model: needed("EMBEDDING_MODEL")?.to_owned(),
            dimensions,
            key: config.setting("EMBEDDING_API_KEY").map(|key| key.to_owned().into()),
            resting_until_ms: AtomicU64::new(0),
        })
    }

    async fn ask(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Attempt> {
        let mut request = self.http.post(self.url.clone()).json(&json!({"model": self.model, "input": texts}));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        // The error would hold the URL, which may hold a secret.
        let answer = request.send().await.map_err(|error| Attempt::Again(error.without_url().to_string()))?;
        let status = answer.status();
        if !status.is_success() {
            let again = status.is_server_error() || status.as_u16() == 429;
            let what = format!("it answered {status}");
            return Err(if again { Attempt::Again(what) } else { Attempt::Never(what) });
        }
        let mut answer: Vectors =
            answer.json().await.map_err(|error| Attempt::Never(error.without_url().to_string()))?;
        answer.data.sort_by_key(|vector| vector.index);
        let fits = answer.data.len() == texts.len()
            && answer.data.iter().all(|vector| vector.embedding.len() == self.dimensions);
        if !fits {
            return Err(Attempt::Never(format!("it did not give {} numbers for each text", self.dimensions)));
        }
        Ok(answer.data.into_iter().map(|vector| normalised(vector.embedding)).collect())
    }

    async fn ask_patiently(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbeddingError> {
        if now_ms() < self.resting_until_ms.load(Ordering::Relaxed) {
            return Err(EmbeddingError::new("the embedding endpoint failed a moment ago"));
        }
        let mut attempt = 1;
        loop {
            let what = match self.ask(&texts).await {
                Ok(vectors) => return Ok(vectors),
                Err(Attempt::Again(_)) if attempt < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(100) * 2_u32.pow(attempt)).await;
                    attempt += 1;
                    continue;
                }
                Err(Attempt::Again(what) | Attempt::Never(what)) => what,
            };
            let rest = u64::try_from(REST.as_millis()).expect("seconds fit");
            self.resting_until_ms.store(now_ms() + rest, Ordering::Relaxed);
            return Err(EmbeddingError::new(format!("the embedding endpoint failed: {what}")));
        }
    }
}

/// How an attempt failed.
enum Attempt {
    /// Another may succeed.
    Again(String),
    /// Another would fail alike.
    Never(String),
}

#[derive(Deserialize)]
struct Vectors {
    data: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    index: usize,
    embedding: Vec<f32>,
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Embedder for Endpoint {
    fn model(&self) -> &str {
        &self.model
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbeddingError>> {
        self.ask_patiently(texts).boxed()
    }
}
