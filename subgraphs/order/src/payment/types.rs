//! What clients see of payments.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::{payment, payment_credit, stray_payment};
use kernel::{OrderId, PaymentId, StrayPaymentId};
use service_kit::{Result, Viewer, graphql::Money};

use crate::{amounts, error::UserError, loaders::Loaders, orders::types::Order};

/// Where a payment stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::PaymentStatus")]
pub enum PaymentStatus {
    /// The provider waits for the buyer: send them to `redirectUrl`.
    Pending,
    /// The carrier collects the money when it hands the parcels over.
    OnDelivery,
    /// The money is here.
    Succeeded,
    /// It was refused or given up. The orders can be paid again.
    Failed,
    /// The buyer did not pay in time. The orders can be paid again.
    Expired,
    /// The money went back to the buyer.
    Refunded,
}

/// One payment over one or more orders of one buyer: it pays all of them or none. Only its buyer and administrators can
/// see it.
pub struct Payment(pub payment::Model);

/// One payment over one or more orders of one buyer: it pays all of them or none. Only its buyer and administrators can
/// see it.
#[Object]
impl Payment {
    /// Id.
    async fn id(&self) -> PaymentId {
        self.0.id
    }

    /// Where it stands.
    async fn status(&self) -> PaymentStatus {
        self.0.status.into()
    }

    /// The way to pay: the id of a service option, as in `vnpay-qr` or `cod`.
    async fn method(&self) -> &str {
        &self.0.option_id
    }

    /// What is to be paid, or was.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.0.amount_minor, &self.0.currency)
    }

    /// The provider's page, where the buyer pays. Null unless the payment is `PENDING`.
    async fn redirect_url(&self) -> Option<&str> {
        self.0.redirect_url.as_deref().filter(|_| self.0.status == entities::order::PaymentStatus::Pending)
    }

    /// Until when it can be paid. Null when the carrier collects it.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// The orders it pays.
    async fn orders(&self, ctx: &Context<'_>) -> Result<Vec<Order>> {
        let loaders = Loaders::of(ctx)?;
        let ids: Vec<OrderId> = loaders.orders_of_payment.load_one(self.0.id).await?.unwrap_or_default();
        let mut orders = loaders.orders.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| orders.remove(id)).map(Order).collect())
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its status changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

impl Payment {
    /// Whether the viewer may know of the payment: its buyer may, and administrators.
    pub(crate) fn is_visible_to(&self, viewer: &Viewer) -> bool {
        viewer.admin || self.0.buyer_id == viewer.account_id
    }
}

/// Why captured money pays no order.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::CreditReason")]
pub enum PaymentCreditReason {
    /// It came after the payment had ended.
    Late,
    /// The payment had been paid before.
    Duplicate,
    /// An order of the payment could no longer be paid.
    OrderClosed,
    /// It was refunded, and the way it had been paid does not take it back.
    Refund,
}

/// Money of a buyer that was captured and pays no order. It is never swallowed: it waits here to be paid back.
pub struct PaymentCredit(pub payment_credit::Model);

/// Money of a buyer that was captured and pays no order. It is never swallowed: it waits here to be paid back.
#[Object]
impl PaymentCredit {
    /// Id.
    async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// How much.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.0.amount_minor, &self.0.currency)
    }

    /// Why it pays no order.
    async fn reason(&self) -> PaymentCreditReason {
        self.0.reason.into()
    }

    /// The payment it was meant for.
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        Ok(Loaders::of(ctx)?.payments.load_one(self.0.payment_id).await?.map(Payment))
    }

    /// When it was reported.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Where a stray payment stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::StrayPaymentState")]
pub enum StrayPaymentState {
    /// VNPay is asked to give it back, and is asked again by itself until it answers.
    Held,
    /// It went back to whom it came from.
    Refunded,
    /// VNPay does not give it back, or says that it has no such money: `note` tells. Somebody has to talk to VNPay.
    Refused,
}

/// Money that VNPay captured for the marketplace under a reference that is no payment's. Nobody knows whose it is, so
/// it goes back, whole, to whom it came from. Only administrators see it.
pub struct StrayPayment(pub stray_payment::Model);

/// Money that VNPay captured for the marketplace under a reference that is no payment's. Nobody knows whose it is, so
/// it goes back, whole, to whom it came from. Only administrators see it.
#[Object]
impl StrayPayment {
    /// Id.
    async fn id(&self) -> StrayPaymentId {
        self.0.id
    }

    /// Where it stands.
    async fn state(&self) -> StrayPaymentState {
        self.0.state.into()
    }

    /// How much: what VNPay says it has, and until it has been asked what it reported.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.0.amount_minor, &self.0.currency)
    }

    /// VNPay's own number of the transaction: what to name when talking to VNPay about it.
    async fn provider_transaction(&self) -> &str {
        &self.0.provider_transaction
    }

    /// The reference it was captured under, as VNPay writes it.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The bank it came from, by VNPay's code, as in `NCB`. Null when VNPay did not say.
    async fn bank_code(&self) -> Option<&str> {
        self.0.bank_code.as_deref()
    }

    /// When it was paid, as VNPay writes it: `yyyyMMddHHmmss` in Vietnam. Null when VNPay did not say.
    async fn pay_date(&self) -> Option<&str> {
        self.0.pay_date.as_deref()
    }

    /// How often VNPay has refused to give it back.
    async fn refusal_count(&self) -> i32 {
        self.0.tries
    }

    /// What came of the last try to give it back, as a sentence for people. Null before the first.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// When it was first reported.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was tried last to give it back.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// Pays orders.
#[derive(InputObject, Debug)]
pub struct PayOrdersInput {
    /// The orders: the viewer's own, `CONFIRMED`, all in one currency, of any number of sellers.
    pub order_ids: Vec<OrderId>,
    /// The way to pay: the id of a service option, as in `vnpay-qr` or `cod`.
    pub method: String,
    /// 1–64 characters. The same key again gives the first answer.
    pub idempotency_key: String,
}

/// The answer to `payOrders`.
#[derive(SimpleObject)]
pub struct PayOrdersPayload {
    /// The payment. Null when the request was refused: then nothing has changed.
    pub payment: Option<Payment>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}

/// Cancels an order.
#[derive(InputObject, Debug)]
pub struct CancelOrderInput {
    /// The order: the viewer's own, not yet paid.
    pub order_id: OrderId,
    /// 1–64 characters. The same key again gives the first answer.
    pub idempotency_key: String,
}

/// The answer to `cancelOrder`.
#[derive(SimpleObject)]
pub struct CancelOrderPayload {
    /// The order, cancelled. Null when the request was refused: then nothing has changed.
    pub order: Option<Order>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}
