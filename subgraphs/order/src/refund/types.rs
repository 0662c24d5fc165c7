//! What clients see of refunds.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::{refund, refund_event, refund_item, return_shipment};
use kernel::{RefundId, ShipmentId};
use service_kit::{Result, Viewer, graphql::Money};

use crate::{
    account::Account,
    addresses::OrderAddress,
    amounts,
    error::UserError,
    items::types::OrderItem,
    loaders::Loaders,
    orders::types::{Order, ShipmentStatus},
};

/// What a refund does.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::RefundKind")]
pub enum RefundKind {
    /// The goods go back to the seller, then the money to the buyer.
    Return,
    /// The goods had not left: they stay, and the money goes back.
    Cancellation,
    /// The parcel came back to its sender: the money goes back.
    Undelivered,
}

/// Where a refund stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::RefundStatus")]
pub enum RefundStatus {
    /// Waits for the seller. The buyer may change or withdraw it.
    Pending,
    /// The buyer took it back.
    Withdrawn,
    /// The goods are on their way back.
    Accepted,
    /// The seller does not agree, or had agreed and the goods were not handed over in time. The buyer may dispute it until
    /// `disputeUntil`.
    Declined,
    /// An administrator decides.
    Disputed,
    /// An administrator decided for the seller.
    Rejected,
    /// It is decided, and the money is on its way to the buyer.
    Paying,
    /// The buyer has the money.
    Refunded,
    /// Nothing is left to refund: the whole parcel came back to its sender, and another refund pays for it.
    Closed,
}

/// How goods go back.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::ReturnMethod")]
pub enum ReturnMethod {
    /// The carrier fetches them from the buyer.
    PickUp,
    /// The buyer brings them to the carrier.
    DropOff,
}

/// How the money of a refund went back.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::PaidVia")]
pub enum RefundPaidVia {
    /// By the provider that had taken it.
    Provider,
    /// As a credit: `Account.paymentCredits` shows it.
    Credit,
    /// There was nothing to pay.
    Nothing,
}

/// Which refunds.
#[derive(InputObject, Debug, Clone, Default)]
pub struct RefundFilter {
    /// Only refunds in one of these states; all when it is left out or empty.
    pub statuses: Option<Vec<RefundStatus>>,
}

/// Money, and goods, on their way back for items of one order. Only the two parties of the order and administrators can
/// see it.
pub struct Refund(pub refund::Model);

/// Money, and goods, on their way back for items of one order. Only the two parties of the order and administrators can
/// see it.
#[Object]
impl Refund {
    /// Id.
    async fn id(&self) -> RefundId {
        self.0.id
    }

    /// What it does. A `RETURN` becomes a `CANCELLATION` when it is accepted before the goods have left.
    async fn kind(&self) -> RefundKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn status(&self) -> RefundStatus {
        self.0.status.into()
    }

    /// The order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>> {
        Ok(Loaders::of(ctx)?.orders.load_one(self.0.order_id).await?.map(Order))
    }

    /// Who gets the money.
    async fn buyer(&self) -> Account {
        Account { id: self.0.buyer_id }
    }

    /// Who gives it.
    async fn seller(&self) -> Account {
        Account { id: self.0.seller_id }
    }

    /// What goes back of each item.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<RefundLine>> {
        let lines = Loaders::of(ctx)?.lines_of_refund.load_one(self.0.id).await?;
        let currency = &self.0.currency;
        Ok(lines.unwrap_or_default().into_iter().map(|row| RefundLine { row, currency: currency.clone() }).collect())
    }

    /// What the buyer gets back for the items.
    async fn goods_amount(&self) -> Result<Money> {
        amounts::shown(self.0.goods_minor, &self.0.currency)
    }

    /// What the buyer gets back for the transport: what it had cost, with the refund that leaves the buyer with nothing
    /// of the order, and zero before that is decided.
    async fn transport_amount(&self) -> Result<Money> {
        amounts::shown(self.0.transport_minor, &self.0.currency)
    }

    /// What the buyer gets back.
    async fn total(&self) -> Result<Money> {
        amounts::shown(self.0.goods_minor + self.0.transport_minor, &self.0.currency)
    }

    /// Why, as the buyer wrote it.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// How the goods go back, if they have to.
    async fn method(&self) -> ReturnMethod {
        self.0.method.into()
    }

    /// What was said last: why it was declined, why the buyer disputes it, or why it was decided so. Null when nobody
    /// said anything.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Until when the seller may answer; then it is accepted.
    async fn deadline_at(&self) -> DateTime<Utc> {
        self.0.deadline_at
    }

    /// Until when the buyer may dispute that it was declined. Null when it was not.
    async fn dispute_until(&self) -> Option<DateTime<Utc>> {
        self.0.dispute_until
    }

    /// The parcel by which the goods go back. Null when nothing is sent by a carrier.
    async fn return_shipment(&self, ctx: &Context<'_>) -> Result<Option<ReturnShipment>> {
        Ok(Loaders::of(ctx)?.return_of_refund.load_one(self.0.id).await?.map(ReturnShipment))
    }

    /// When the seller said in which condition the goods are. Null before.
    async fn inspected_at(&self) -> Option<DateTime<Utc>> {
        self.0.inspected_at
    }

    /// How the money went back. Null before it has.
    async fn paid_via(&self) -> Option<RefundPaidVia> {
        self.0.paid_via.map(Into::into)
    }

    /// Everything that has happened to it, oldest first.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<RefundEvent>> {
        let events = Loaders::of(ctx)?.events_of_refund.load_one(self.0.id).await?;
        Ok(events.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

impl Refund {
    /// Whether the viewer may know of the refund: its two parties may, and administrators.
    pub(crate) fn is_visible_to(&self, viewer: &Viewer) -> bool {
        viewer.admin || [self.0.buyer_id, self.0.seller_id].contains(&viewer.account_id)
    }
}

/// Units of one item in a refund.
pub struct RefundLine {
    row: refund_item::Model,
    currency: String,
}

/// Units of one item in a refund.
#[Object]
impl RefundLine {
    /// The item.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<OrderItem>> {
        Ok(Loaders::of(ctx)?.items.load_one(self.row.item_id).await?.map(OrderItem))
    }

    /// How many units.
    async fn quantity(&self) -> i32 {
        self.row.quantity
    }

    /// What the buyer gets back for them: their share of what was paid for the item.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.row.amount_minor, &self.currency)
    }

    /// Which units, for a SKU whose units have serials.
    async fn serials(&self) -> &[String] {
        &self.row.serials
    }

    /// How many came back sellable. Null until the seller has said so.
    async fn sellable_quantity(&self) -> Option<i32> {
        self.row.sellable
    }

    /// How many came back damaged. Null until the seller has said so.
    async fn damaged_quantity(&self) -> Option<i32> {
        self.row.damaged
    }
}

/// The parcel by which the goods of a refund go back.
pub struct ReturnShipment(return_shipment::Model);

/// The parcel by which the goods of a refund go back.
#[Object]
impl ReturnShipment {
    /// Id.
    async fn id(&self) -> ShipmentId {
        self.0.id
    }

    /// Where it is; `DELIVERED` is at the seller's.
    async fn status(&self) -> ShipmentStatus {
        self.0.status.into()
    }

    /// How the carrier gets it.
    async fn method(&self) -> ReturnMethod {
        self.0.method.into()
    }

    /// The way it goes: the id of a service option, as in `table-rate`.
    async fn transport_option(&self) -> &str {
        &self.0.option_id
    }

    /// The carrier's code. Null until the carrier has taken it on.
    async fn tracking_code(&self) -> Option<&str> {
        self.0.tracking_code.as_deref()
    }

    /// Where it goes.
    async fn destination(&self) -> OrderAddress {
        self.0.destination.clone().into()
    }

    /// When it moved last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// Something that has happened to a refund.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct RefundEvent {
    /// The number of the event within the refund: 1 for the first, without gaps.
    pub sequence: i32,
    /// The status since.
    pub status: RefundStatus,
    /// The status before. Null for the first event; the same as `status` when something else changed.
    pub previous_status: Option<RefundStatus>,
    /// What was said, if anything.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<refund_event::Model> for RefundEvent {
    fn from(event: refund_event::Model) -> Self {
        Self {
            sequence: event.seq,
            status: event.to_status.into(),
            previous_status: event.from_status.map(Into::into),
            note: event.note,
            at: event.at,
        }
    }
}

/// The answer to a mutation of a refund.
#[derive(SimpleObject)]
pub struct RefundPayload {
    /// The refund as it is now. Null when the request was refused: then nothing has changed.
    pub refund: Option<Refund>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}
