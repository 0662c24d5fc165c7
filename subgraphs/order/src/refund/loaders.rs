//! DataLoaders of refunds.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entities::order::{refund, refund_event, refund_item, return_shipment};
use kernel::{OrderId, RefundId};
use sea_orm::DatabaseConnection;
use service_kit::error::LoadError;

use super::{returning, store};

/// Loads [`refund`] rows.
pub(crate) struct Refunds(pub(crate) DatabaseConnection);

impl Loader<RefundId> for Refunds {
    type Value = refund::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[RefundId]) -> Result<HashMap<RefundId, Self::Value>, LoadError> {
        let rows = store::refunds_fetch(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// Loads the refunds of orders, oldest first.
pub(crate) struct RefundsOfOrder(pub(crate) DatabaseConnection);

impl Loader<OrderId> for RefundsOfOrder {
    type Value = Vec<refund::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in store::refunds_of_orders(&self.0, ids).await? {
            found.entry(row.order_id).or_default().push(row);
        }
        Ok(found)
    }
}

/// Loads the lines of refunds.
pub(crate) struct LinesOfRefund(pub(crate) DatabaseConnection);

impl Loader<RefundId> for LinesOfRefund {
    type Value = Vec<refund_item::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[RefundId]) -> Result<HashMap<RefundId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in store::lines_of_refunds(&self.0, ids).await? {
            found.entry(row.refund_id).or_default().push(row);
        }
        Ok(found)
    }
}

/// Loads the events of refunds, oldest first.
pub(crate) struct EventsOfRefund(pub(crate) DatabaseConnection);

impl Loader<RefundId> for EventsOfRefund {
    type Value = Vec<refund_event::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[RefundId]) -> Result<HashMap<RefundId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in store::events_of_refunds(&self.0, ids).await? {
            found.entry(row.refund_id).or_default().push(row);
        }
        Ok(found)
    }
}

/// Loads the parcels of refunds.
pub(crate) struct ReturnOfRefund(pub(crate) DatabaseConnection);

impl Loader<RefundId> for ReturnOfRefund {
    type Value = return_shipment::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[RefundId]) -> Result<HashMap<RefundId, Self::Value>, LoadError> {
        let rows = returning::returns_of_refunds(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.refund_id, row)).collect())
    }
}
