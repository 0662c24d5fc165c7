//! What clients see of orders.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::{order_event, orders};
use kernel::{OrderId, RefundId};
use service_kit::{
    Result, Viewer,
    graphql::{BigInt, Money},
};

use crate::{
    account::Account,
    addresses::OrderAddress,
    amounts,
    items::types::OrderItem,
    loaders::Loaders,
    payment::types::Payment,
    refund::types::{Refund, RefundStatus},
    shipment::types::Shipment,
};

/// Where an order stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::OrderStatus")]
pub enum OrderStatus {
    /// The seller has confirmed it. It can be paid or cancelled.
    Confirmed,
    /// The buyer pays the carrier on delivery.
    PayableOnDelivery,
    /// It is paid, and not yet with the carrier.
    Paid,
    /// It is with the carrier.
    Shipping,
    /// The buyer has it.
    Delivered,
    /// It was given up before it was shipped.
    Cancelled,
    /// It is back with the seller.
    Returned,
}

/// Where the parcel of an order is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::ShipmentStatus")]
pub enum ShipmentStatus {
    /// Announced; still with the seller.
    Created,
    /// The carrier has it.
    PickedUp,
    /// On its way.
    InTransit,
    /// The buyer has it.
    Delivered,
    /// The carrier could not deliver it.
    Failed,
    /// Back with the seller.
    Returned,
}

/// Which orders.
#[derive(InputObject, Debug, Clone, Default)]
pub struct OrderFilter {
    /// Only orders in one of these states; all when it is left out or empty.
    pub statuses: Option<Vec<OrderStatus>>,
    /// Only orders confirmed at this time or later.
    pub created_from: Option<DateTime<Utc>>,
    /// Only orders confirmed before this time.
    pub created_before: Option<DateTime<Utc>>,
    /// Only orders with an item whose product or variant has each of these words in its name, whatever their case; or the
    /// order whose id, or whose parcel's tracking code, this is. 1–100 characters.
    pub search: Option<String>,
}

/// In which order a list of orders comes.
#[derive(Enum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OrderSort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Highest total first, in minor units whatever the currency.
    TotalHighest,
    /// Lowest total first, in minor units whatever the currency.
    TotalLowest,
}

/// Whose orders: the two ways an account takes part in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Buyer,
    Seller,
}

/// Confirmed items of one buyer, one seller and one address, with one shipment and final totals. Only its two parties
/// and administrators can see it.
pub struct Order(pub orders::Model);

/// Confirmed items of one buyer, one seller and one address, with one shipment and final totals. Only its two parties
/// and administrators can see it.
#[Object]
impl Order {
    /// Id.
    async fn id(&self) -> OrderId {
        self.0.id
    }

    /// Where it stands.
    async fn status(&self) -> OrderStatus {
        self.0.status.into()
    }

    /// The number of its last event: what to give as `after` to follow it from here.
    async fn sequence(&self) -> BigInt {
        BigInt(self.0.event_seq)
    }

    /// Who buys.
    async fn buyer(&self) -> Account {
        Account { id: self.0.buyer_id }
    }

    /// Who sells.
    async fn seller(&self) -> Account {
        Account { id: self.0.seller_id }
    }

    /// Its items.
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<OrderItem>> {
        let items = Loaders::of(ctx)?.items_of_order.load_one(self.0.id).await?;
        Ok(items.unwrap_or_default().into_iter().map(OrderItem).collect())
    }

    /// Where it goes.
    async fn address(&self) -> OrderAddress {
        self.0.address.clone().into()
    }

    /// The transport option, as in `table-rate`.
    async fn transport_option(&self) -> &str {
        &self.0.transport_option
    }

    /// The list price of all items.
    async fn product_cost(&self) -> Result<Money> {
        amounts::shown(self.0.product_cost_minor, &self.0.currency)
    }

    /// What promotions take off the product cost.
    async fn product_discount(&self) -> Result<Money> {
        amounts::shown(self.0.product_discount_minor, &self.0.currency)
    }

    /// What the transport costs, before promotions.
    async fn transport_cost(&self) -> Result<Money> {
        amounts::shown(self.0.transport_cost_minor, &self.0.currency)
    }

    /// What shipping promotions take off the transport cost.
    async fn transport_discount(&self) -> Result<Money> {
        amounts::shown(self.0.transport_discount_minor, &self.0.currency)
    }

    /// What the buyer pays: product cost − product discount + transport cost − transport discount.
    async fn total(&self) -> Result<Money> {
        amounts::shown(self.0.total_minor, &self.0.currency)
    }

    /// Its payment: the one that is open, or the last that was tried. Null before the buyer has tried to pay, and null
    /// for anybody who is not its buyer.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        let loaders = Loaders::of(ctx)?;
        let Some(payment_id) = loaders.payment_of_order.load_one(self.0.id).await? else { return Ok(None) };
        let payment = loaders.payments.load_one(payment_id).await?.map(Payment);
        let viewer = Viewer::of(ctx)?;
        Ok(payment.filter(|payment| payment.is_visible_to(viewer)))
    }

    /// Its parcel.
    async fn shipment(&self, ctx: &Context<'_>) -> Result<Option<Shipment>> {
        Ok(Loaders::of(ctx)?.shipment_of_order.load_one(self.0.id).await?.map(Shipment))
    }

    /// What has gone back to the buyer of the total, or is on its way.
    async fn refunded_amount(&self) -> Result<Money> {
        amounts::shown(self.0.refunded_minor, &self.0.currency)
    }

    /// Its refunds, oldest first.
    async fn refunds(&self, ctx: &Context<'_>) -> Result<Vec<Refund>> {
        let refunds = Loaders::of(ctx)?.refunds_of_order.load_one(self.0.id).await?;
        Ok(refunds.unwrap_or_default().into_iter().map(Refund).collect())
    }

    /// Everything that has happened to it, oldest first.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<OrderEvent>> {
        let events = Loaders::of(ctx)?.events_of_order.load_one(self.0.id).await?;
        Ok(events.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// When the seller confirmed it.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its status changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

impl Order {
    /// Whether the viewer may know of the order: its two parties may, and administrators.
    pub(crate) fn is_visible_to(&self, viewer: &Viewer) -> bool {
        viewer.admin || [self.0.buyer_id, self.0.seller_id].contains(&viewer.account_id)
    }
}

/// Something that has happened to an order or to its shipment.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct OrderEvent {
    /// The number of the event within the order: 1 for the first, without gaps.
    pub sequence: BigInt,
    /// The status since.
    pub status: OrderStatus,
    /// The status before. Null for the first event; the same as `status` when only the shipment or a refund moved.
    pub previous_status: Option<OrderStatus>,
    /// Where the shipment came to. Null when the event is not about the shipment.
    pub shipment_status: Option<ShipmentStatus>,
    /// The refund that moved on; the order's `refunds` hold it. Null when the event is not about a refund.
    pub refund_id: Option<RefundId>,
    /// Where the refund came to. Null when the event is not about a refund.
    pub refund_status: Option<RefundStatus>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<order_event::Model> for OrderEvent {
    fn from(event: order_event::Model) -> Self {
        Self {
            sequence: BigInt(event.seq),
            status: event.to_status.into(),
            previous_status: event.from_status.map(Into::into),
            shipment_status: event.shipment_status.map(Into::into),
            refund_id: event.refund_id,
            refund_status: event.refund_status.map(Into::into),
            at: event.at,
        }
    }
}
