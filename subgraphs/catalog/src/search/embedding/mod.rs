//! Vectors of texts: what lies near each other means something alike.
//!
//! An [`Embedder`] is chosen by configuration. Vectors carry the name of their model, because those of two models have
//! nothing to do with each other.

mod endpoint;
mod minilm;

use std::{path::PathBuf, sync::Arc};

use futures::future::BoxFuture;
use service_kit::{Config, ConfigError};

pub use endpoint::Endpoint;
pub use minilm::MiniLm;

/// Turns texts into vectors of length one.
pub trait Embedder: Send + Sync {
    /// The model, which tells its vectors from those of others.
    fn model(&self) -> &str;

    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;

    /// The vectors of texts, in their order. One text alone is a question that somebody waits for and goes before
    /// batches.
    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, EmbeddingError>>;
}

/// There are no vectors for now; search goes on by text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct EmbeddingError(String);

impl EmbeddingError {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// The embedder that the configuration names; `None` when it wants none.
///
/// # Errors
/// A setting is missing or unusable.
pub fn from_config(config: &Config, http: &reqwest::Client) -> Result<Option<Arc<dyn Embedder>>, ConfigError> {
    match config.setting("EMBEDDING_PROVIDER").unwrap_or("local") {
        "local" => Ok(Some(MiniLm::shared(models_dir(config).join("all-MiniLM-L6-v2")))),
        "endpoint" => Ok(Some(Arc::new(Endpoint::from_config(config, http)?))),
        "none" => Ok(None),
        _ => Err(invalid("EMBEDDING_PROVIDER", "it is `local`, `endpoint` or `none`")),
    }
}

/// Where set-up puts the weights: `MODELS_DIR`, or what all checkouts of this user share.
fn models_dir(config: &Config) -> PathBuf {
    if let Some(named) = config.setting("MODELS_DIR") {
        return PathBuf::from(named);
    }
    let cache = config.setting("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().unwrap_or_default().join(".cache");
    cache.unwrap_or_else(home).join("shopnexus/models")
}

fn invalid(name: &str, reason: &str) -> ConfigError {
    ConfigError::Invalid { name: name.to_owned(), reason: reason.to_owned() }
}

/// The vector with length one. The zero vector, which no text has, stays as it is.
fn normalised(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    vector
}

/// How alike two vectors of length one are: 1 for the same meaning, about 0 for nothing in common.
pub(crate) fn likeness(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}
