//! What clients see of parcels.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::{shipment, shipment_event};
use kernel::ShipmentId;
use service_kit::{Result, graphql::Money};

use crate::{amounts, loaders::Loaders, orders::types::ShipmentStatus};

/// The parcel of an order.
pub struct Shipment(pub shipment::Model);

/// The parcel of an order.
#[Object]
impl Shipment {
    /// Id.
    async fn id(&self) -> ShipmentId {
        self.0.id
    }

    /// Where it is.
    async fn status(&self) -> ShipmentStatus {
        self.0.status.into()
    }

    /// The way it goes: the id of a service option, as in `table-rate`.
    async fn transport_option(&self) -> &str {
        &self.0.option_id
    }

    /// What the transport costs, before promotions.
    async fn cost(&self) -> Result<Money> {
        amounts::shown(self.0.cost_minor, &self.0.currency)
    }

    /// What it weighs, in grams.
    async fn weight_grams(&self) -> i32 {
        i32::try_from(self.0.weight_grams).unwrap_or(i32::MAX)
    }

    /// The carrier's code. Null until the carrier has taken it on.
    async fn tracking_code(&self) -> Option<&str> {
        self.0.tracking_code.as_deref()
    }

    /// Everywhere it has been, oldest first.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<ShipmentEvent>> {
        let events = Loaders::of(ctx)?.events_of_shipment.load_one(self.0.id).await?;
        Ok(events.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// When the order was confirmed.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it moved last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// One move of a parcel.
#[derive(SimpleObject, Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipmentEvent {
    /// Where it came to.
    pub status: ShipmentStatus,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<shipment_event::Model> for ShipmentEvent {
    fn from(event: shipment_event::Model) -> Self {
        Self { status: event.status.into(), at: event.at }
    }
}
