//! A server that speaks [Nominatim's protocol](https://nominatim.org/release-docs/latest/api/Overview/).

use futures::future::BoxFuture;
use serde::Deserialize;
use service_kit::{Error, Result};

use super::{Geocoder, Spot};

/// The server.
pub(super) struct Nominatim {
    http: reqwest::Client,
    base: String,
}

/// A place as the server writes it: numbers are strings.
#[derive(Deserialize)]
struct Found {
    display_name: String,
    lat: String,
    lon: String,
}

impl Nominatim {
    pub(super) fn new(http: reqwest::Client, base: &str) -> Self {
        Self { http, base: base.trim_end_matches('/').to_owned() }
    }

    /// Asks, as the rules of public servers want it: with a name of our own.
    async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<String> {
        let away = |error: reqwest::Error| Error::internal("asking for a place", error.without_url());
        let request = self.http.get(format!("{}/{path}", self.base)).query(query).header("user-agent", "ShopNexus");
        let answer = request.send().await.map_err(away)?.error_for_status().map_err(away)?;
        answer.text().await.map_err(away)
    }
}

impl Geocoder for Nominatim {
    fn search<'a>(&'a self, text: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Spot>>> {
        Box::pin(async move {
            let limit = most.to_string();
            let answer = self.ask("search", &[("q", text), ("format", "jsonv2"), ("limit", &limit)]).await?;
            let found: Vec<Found> = serde_json::from_str(&answer)?;
            Ok(found.into_iter().filter_map(spot).take(most).collect())
        })
    }

    fn reverse(&self, latitude: f64, longitude: f64) -> BoxFuture<'_, Result<Option<Spot>>> {
        Box::pin(async move {
            let (lat, lon) = (latitude.to_string(), longitude.to_string());
            let answer = self.ask("reverse", &[("lat", &lat), ("lon", &lon), ("format", "jsonv2")]).await?;
            // Where there is nothing, the server answers with an object that tells so.
            Ok(serde_json::from_str::<Found>(&answer).ok().and_then(spot))
        })
    }
}

/// A place, if its numbers are a position on Earth.
fn spot(found: Found) -> Option<Spot> {
    let latitude: f64 = found.lat.parse().ok().filter(|degrees| (-90.0..=90.0).contains(degrees))?;
    let longitude: f64 = found.lon.parse().ok().filter(|degrees| (-180.0..=180.0).contains(degrees))?;
    Some(Spot { name: found.display_name, latitude, longitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_answers_are_read_and_nonsense_passed_over() {
        let recorded = r#"[{"place_id": 1, "lat": "21.0283334", "lon": "105.8540410", "display_name": "Hà Nội, Việt Nam"},
            {"place_id": 2, "lat": "91", "lon": "0", "display_name": "Nowhere"}]"#;
        let found: Vec<Found> = serde_json::from_str(recorded).unwrap();
        let spots: Vec<Spot> = found.into_iter().filter_map(spot).collect();
        assert_eq!(spots.len(), 1);
        assert_eq!(spots[0].name, "Hà Nội, Việt Nam");
        assert!(serde_json::from_str::<Found>(r#"{"error": "Unable to geocode"}"#).is_err());
    }
}
