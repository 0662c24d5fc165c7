//! `Places.geocode`: tells other modules where an address is. One step, which asks the providers of places; it changes
//! nothing, so it may be repeated and there is nothing to undo. A provider that is away is passed over, and nobody waits
//! for it.

use contracts::common::Position;
use restate_sdk::prelude::*;
use service_kit::step;

use crate::places::Places;

/// Answers `contracts::common`.
pub(crate) struct PlaceFinder {
    pub(crate) places: Places,
}

/// Where places are.
#[restate_sdk::service(name = "Places", client_visibility = "pub(crate)")]
impl PlaceFinder {
    /// The position of an address.
    #[handler]
    async fn geocode(
        &self,
        ctx: Context<'_>,
        Json(address): Json<String>,
    ) -> Result<Json<Option<Position>>, HandlerError> {
        Ok(Json(step!(ctx, "ask the providers", find(&self.places, &address))?))
    }
}

async fn find(places: &Places, address: &str) -> service_kit::Result<Option<Position>> {
    let found = places.search(address, 1).await?.into_iter().next();
    Ok(found.map(|spot| Position { latitude: spot.latitude, longitude: spot.longitude }))
}
