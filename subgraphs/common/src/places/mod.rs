//! Where places are: from words to coordinates and back.

mod gazetteer;
mod nominatim;

use std::sync::Arc;

use contracts::common::{OptionCategory, ServiceOption};
use entities::common::service_option::Category;
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use service_kit::{Config, Result};

use self::{gazetteer::Gazetteer, nominatim::Nominatim};
use crate::store;

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

/// The providers of this installation, in the order that administrators have set, without those that they have switched
/// off. What the first does not know or cannot be asked for, the next is asked.
#[derive(Clone)]
pub struct Places {
    db: DatabaseConnection,
    /// Each by the id of its service option.
    providers: Arc<Vec<(&'static str, Box<dyn Geocoder>)>>,
}

impl Places {
    /// Nominatim at `NOMINATIM_URL` when it is set, and the built-in gazetteer.
    pub fn read(config: &Config, http: &reqwest::Client, db: &DatabaseConnection) -> Self {
        let mut providers: Vec<(&'static str, Box<dyn Geocoder>)> = Vec::new();
        if let Some(url) = config.setting("NOMINATIM_URL") {
            providers.push((NOMINATIM, Box::new(Nominatim::new(http.clone(), url))));
        }
        providers.push((GAZETTEER, Box::new(Gazetteer)));
        Self { db: db.clone(), providers: Arc::new(providers) }
    }

    /// The service options by which administrators decide about them.
    pub fn options(&self) -> Vec<ServiceOption> {
        let option = |(position, (id, _)): (i32, &(&'static str, Box<dyn Geocoder>))| {
            let (provider, name, description) = match *id {
                NOMINATIM => ("nominatim", "Nominatim", "Addresses are found by a server of OpenStreetMap's."),
                _ => ("built-in", "Gazetteer", "A small list of cities, for where there is no network."),
            };
            ServiceOption {
                id: (*id).to_owned(),
                category: OptionCategory::Geocoding,
                provider: provider.to_owned(),
                name: name.to_owned(),
                description: description.to_owned(),
                position,
            }
        };
        (0..).zip(self.providers.iter()).map(option).collect()
    }

    /// Places that a text may mean, the likeliest first. Providers that are away are passed over.
    ///
    /// # Errors
    /// The database fails.
    pub async fn search(&self, text: &str, most: usize) -> Result<Vec<Spot>> {
        for provider in self.in_order().await? {
            match provider.search(text, most).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => return Ok(found),
                Err(error) => tracing::warn!(?error, "a provider of places is away"),
            }
        }
        Ok(Vec::new())
    }

    /// The place at a position.
    ///
    /// # Errors
    /// The database fails.
    pub async fn reverse(&self, latitude: f64, longitude: f64) -> Result<Option<Spot>> {
        for provider in self.in_order().await? {
            match provider.reverse(latitude, longitude).await {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(error) => tracing::warn!(?error, "a provider of places is away"),
            }
        }
        Ok(None)
    }

    /// Those that are switched on. One that is not registered yet comes after those that are.
    async fn in_order(&self) -> Result<Vec<&dyn Geocoder>> {
        let options = store::option_list(&self.db, Category::Geocoding, true).await?;
        let mut found: Vec<(usize, &dyn Geocoder)> = Vec::new();
        for (id, provider) in self.providers.iter() {
            let place = options.iter().position(|option| option.id == *id);
            if place.is_none_or(|place| options[place].enabled) {
                found.push((place.unwrap_or(usize::MAX), provider.as_ref()));
            }
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, provider)| provider).collect())
    }
}

const NOMINATIM: &str = "nominatim";
const GAZETTEER: &str = "gazetteer";
