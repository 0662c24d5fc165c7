//! DataLoaders of payments.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entities::order::payment;
use kernel::{OrderId, PaymentId};
use sea_orm::DatabaseConnection;
use service_kit::error::LoadError;

use super::store;

/// Loads [`payment`] rows.
pub(crate) struct Payments(pub(crate) DatabaseConnection);

impl Loader<PaymentId> for Payments {
    type Value = payment::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Self::Value>, LoadError> {
        let rows = store::payments_fetch(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// Loads the ids of the orders of payments.
pub(crate) struct OrdersOfPayment(pub(crate) DatabaseConnection);

impl Loader<PaymentId> for OrdersOfPayment {
    type Value = Vec<OrderId>;
    type Error = LoadError;

    async fn load(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for part in store::payment_orders_fetch(&self.0, ids).await? {
            found.entry(part.payment_id).or_default().push(part.order_id);
        }
        Ok(found)
    }
}

/// Loads the payment of orders: the one that is open, or the last that was tried.
pub(crate) struct PaymentOfOrder(pub(crate) DatabaseConnection);

impl Loader<OrderId> for PaymentOfOrder {
    type Value = PaymentId;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let mut found = HashMap::new();
        for part in store::payment_orders_by_order(&self.0, ids).await? {
            // The newest comes first, and only the newest can be open: an order has one open payment at a time.
            found.entry(part.order_id).or_insert(part.payment_id);
        }
        Ok(found)
    }
}
