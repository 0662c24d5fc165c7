//! DataLoaders of parcels.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entities::order::{shipment, shipment_event};
use kernel::{OrderId, ShipmentId};
use sea_orm::DatabaseConnection;
use service_kit::error::LoadError;

use super::store;

/// Loads the parcels of orders.
pub(crate) struct ShipmentOfOrder(pub(crate) DatabaseConnection);

impl Loader<OrderId> for ShipmentOfOrder {
    type Value = shipment::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let rows = store::shipments_of_orders(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.order_id, row)).collect())
    }
}

/// Loads the events of parcels, oldest first.
pub(crate) struct EventsOfShipment(pub(crate) DatabaseConnection);

impl Loader<ShipmentId> for EventsOfShipment {
    type Value = Vec<shipment_event::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[ShipmentId]) -> Result<HashMap<ShipmentId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for event in store::shipment_events_of(&self.0, ids).await? {
            found.entry(event.shipment_id).or_default().push(event);
        }
        Ok(found)
    }
}
