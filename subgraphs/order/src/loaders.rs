//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::order::{order_event, order_item, orders};
use kernel::{OrderId, OrderItemId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::{
    items, orders as order_rows,
    payment::loaders::{OrdersOfPayment, PaymentOfOrder, Payments},
    refund::loaders::{EventsOfRefund, LinesOfRefund, Refunds, RefundsOfOrder, ReturnOfRefund},
    shipment::loaders::{EventsOfShipment, ShipmentOfOrder},
};

/// The loaders of one request. They load rows whoever's they are: what is shown of them is decided by the types.
///
/// They batch and do not remember: a subscription is one request for hours, and a second mutation of a request shows
/// what the first has changed.
pub(crate) struct Loaders {
    /// Orders by id.
    pub(crate) orders: DataLoader<Orders>,
    /// Items by id.
    pub(crate) items: DataLoader<Items>,
    /// The items of an order.
    pub(crate) items_of_order: DataLoader<ItemsOfOrder>,
    /// The history of an order.
    pub(crate) events_of_order: DataLoader<EventsOfOrder>,
    /// Payments by id.
    pub(crate) payments: DataLoader<Payments>,
    /// The ids of the orders of a payment.
    pub(crate) orders_of_payment: DataLoader<OrdersOfPayment>,
    /// The id of the payment of an order: the open one, or the last that was tried.
    pub(crate) payment_of_order: DataLoader<PaymentOfOrder>,
    /// The parcel of an order.
    pub(crate) shipment_of_order: DataLoader<ShipmentOfOrder>,
    /// The events of a parcel.
    pub(crate) events_of_shipment: DataLoader<EventsOfShipment>,
    /// Refunds by id.
    pub(crate) refunds: DataLoader<Refunds>,
    /// The refunds of an order.
    pub(crate) refunds_of_order: DataLoader<RefundsOfOrder>,
    /// The lines of a refund.
    pub(crate) lines_of_refund: DataLoader<LinesOfRefund>,
    /// The history of a refund.
    pub(crate) events_of_refund: DataLoader<EventsOfRefund>,
    /// The parcel by which the goods of a refund go back.
    pub(crate) return_of_refund: DataLoader<ReturnOfRefund>,
}

impl Loaders {
    pub(crate) fn new(db: &DatabaseConnection) -> Self {
        Self {
            orders: batching(Orders(db.clone())),
            items: batching(Items(db.clone())),
            items_of_order: batching(ItemsOfOrder(db.clone())),
            events_of_order: batching(EventsOfOrder(db.clone())),
            payments: batching(Payments(db.clone())),
            orders_of_payment: batching(OrdersOfPayment(db.clone())),
            payment_of_order: batching(PaymentOfOrder(db.clone())),
            shipment_of_order: batching(ShipmentOfOrder(db.clone())),
            events_of_shipment: batching(EventsOfShipment(db.clone())),
            refunds: batching(Refunds(db.clone())),
            refunds_of_order: batching(RefundsOfOrder(db.clone())),
            lines_of_refund: batching(LinesOfRefund(db.clone())),
            events_of_refund: batching(EventsOfRefund(db.clone())),
            return_of_refund: batching(ReturnOfRefund(db.clone())),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Loads [`orders`] rows.
pub(crate) struct Orders(DatabaseConnection);

impl Loader<OrderId> for Orders {
    type Value = orders::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let rows = order_rows::store::orders_fetch(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// Loads [`order_item`] rows.
pub(crate) struct Items(DatabaseConnection);

impl Loader<OrderItemId> for Items {
    type Value = order_item::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderItemId]) -> Result<HashMap<OrderItemId, Self::Value>, LoadError> {
        let rows = items::store::items_fetch(&self.0, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

/// Loads the items of orders, in the order of their ids.
pub(crate) struct ItemsOfOrder(DatabaseConnection);

impl Loader<OrderId> for ItemsOfOrder {
    type Value = Vec<order_item::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in items::store::items_of_orders(&self.0, ids).await? {
            if let Some(order_id) = row.order_id {
                found.entry(order_id).or_default().push(row);
            }
        }
        Ok(found)
    }
}

/// Loads the events of orders, oldest first.
pub(crate) struct EventsOfOrder(DatabaseConnection);

impl Loader<OrderId> for EventsOfOrder {
    type Value = Vec<order_event::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, Self::Value>, LoadError> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in order_rows::store::events_of_orders(&self.0, ids).await? {
            found.entry(row.order_id).or_default().push(row);
        }
        Ok(found)
    }
}
