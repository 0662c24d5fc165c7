//! Places.

use async_graphql::SimpleObject;

use crate::places::Spot;

/// A place on Earth.
#[derive(SimpleObject, Debug, Clone)]
pub struct Place {
    /// What people call it, from small to large.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

impl From<Spot> for Place {
    fn from(spot: Spot) -> Self {
        Self { name: spot.name, latitude: spot.latitude, longitude: spot.longitude }
    }
}
