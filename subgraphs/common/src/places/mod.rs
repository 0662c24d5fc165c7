//! Where places are: from words to coordinates and back.

mod gazetteer;
mod nominatim;

use std::sync::Arc;

use futures::future::BoxFuture;
use service_kit::{Config, Result};

use self::{gazetteer::Gazetteer, nominatim::Nominatim};

/// A place on Earth.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// What people call it, from small to large.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// Somebody who knows places.
pub trait Geocoder: Send + Sync + 'static {
    /// Places that a text may mean, the likeliest first, at most `most`.
    ///
    /// # Errors
    /// It is away.
    fn search<'a>(&'a self, text: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Spot>>>;

    /// The place at a position. `None` where it knows none.
    ///
    /// # Errors
    /// It is away.
    fn reverse(&self, latitude: f64, longitude: f64) -> BoxFuture<'_, Result<Option<Spot>>>;
}

/// The providers of this installation. What the first does not know or cannot be asked for, the next is asked.
#[derive(Clone)]
pub struct Places(Arc<Vec<Box<dyn Geocoder>>>);

impl Places {
    /// Nominatim at `NOMINATIM_URL` when it is set, and the built-in gazetteer.
    pub fn read(config: &Config, http: &reqwest::Client) -> Self {
        let mut all: Vec<Box<dyn Geocoder>> = Vec::new();
        if let Some(url) = config.setting("NOMINATIM_URL") {
            all.push(Box::new(Nominatim::new(http.clone(), url)));
        }
        all.push(Box::new(Gazetteer));
        Self(Arc::new(all))
    }

    /// Places that a text may mean, the likeliest first. Providers that are away are passed over.
    pub async fn search(&self, text: &str, most: usize) -> Vec<Spot> {
        for provider in self.0.iter() {
            match provider.search(text, most).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => return found,
                Err(error) => tracing::warn!(?error, "a provider of places is away"),
            }
        }
        Vec::new()
    }

    /// The place at a position.
    pub async fn reverse(&self, latitude: f64, longitude: f64) -> Option<Spot> {
        for provider in self.0.iter() {
            match provider.reverse(latitude, longitude).await {
                Ok(None) => {}
                Ok(found) => return found,
                Err(error) => tracing::warn!(?error, "a provider of places is away"),
            }
        }
        None
    }
}
