//! Notifications.

use async_graphql::{Enum, Object};
use chrono::{DateTime, Utc};
use entities::account::notification;
use kernel::NotificationId;
use serde_json::Value;
use service_kit::{Result, graphql::BigInt};

/// What a notification is about.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "contracts::account::NotificationKind")]
pub enum NotificationKind {
    /// To a seller: a buyer has checked out items of theirs.
    ItemsIncoming,
    /// To a buyer: the seller has confirmed items, and the order can be paid.
    OrderConfirmed,
    /// To a buyer: the seller has rejected items.
    ItemsRejected,
    /// To a seller: the buyer has cancelled pending items.
    ItemsCancelled,
    /// To the party concerned: pending items were released because nobody answered in time.
    ItemsExpired,
    /// To a seller: an order has been paid.
    OrderPaid,
    /// To a buyer: a payment was refused, expired or refunded.
    PaymentFailed,
    /// To a buyer: the parcel has moved.
    ShipmentMoved,
    /// To both parties: the parcel has arrived.
    OrderDelivered,
    /// To both parties: an order was cancelled.
    OrderCancelled,
    /// To a seller: the buyer wants money back.
    RefundRequested,
    /// To either party: a refund has moved on.
    RefundChanged,
    /// To a buyer: the money of a refund has been paid back or credited.
    RefundPaid,
    /// To a seller: a payout was made or rejected.
    PayoutDecided,
    /// To a seller: somebody has reviewed a product.
    ReviewWritten,
    /// To an account: a chat message from somebody.
    MessageReceived,
    /// To a seller: a stock is running low.
    StockLow,
    /// To a buyer: cashback of delivered items has been credited.
    CashbackCredited,
    /// From the operators of the marketplace.
    Announcement,
}

/// A way by which a notification reaches an account.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationChannel {
    /// The inbox in the marketplace, live and afterwards.
    InApp,
    /// An email.
    Email,
    /// A text message.
    Sms,
}

impl NotificationChannel {
    /// The channel of a name in the database.
    fn named(name: &str) -> Option<Self> {
        match name {
            "IN_APP" => Some(Self::InApp),
            "EMAIL" => Some(Self::Email),
            "SMS" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// Something that an account has been told.
pub struct Notification(pub notification::Model);

/// Something that an account has been told.
#[Object]
impl Notification {
    /// Its id.
    async fn id(&self) -> NotificationId {
        self.0.id
    }

    /// Its number among the account's notifications: 1, 2, 3, … without gaps. Resume a subscription after it.
    async fn sequence(&self) -> BigInt {
        BigInt(self.0.sequence)
    }

    /// What it is about.
    async fn kind(&self) -> Result<NotificationKind> {
        let kind: contracts::account::NotificationKind = serde_json::from_value(Value::from(self.0.kind.as_str()))?;
        Ok(kind.into())
    }

    /// A short line.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// A sentence or two.
    async fn content(&self) -> &str {
        &self.0.content
    }

    /// Ids that a client needs to open the right page, as in `{"orderId": "…"}`.
    async fn metadata(&self) -> &Value {
        &self.0.metadata
    }

    /// By which ways it was sent.
    async fn channels(&self) -> Vec<NotificationChannel> {
        self.0.channels.iter().filter_map(|name| NotificationChannel::named(name)).collect()
    }

    /// Whether it has been read.
    async fn read(&self) -> bool {
        self.0.read_at.is_some()
    }

    /// When it was read. Null while it is unread.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }

    /// When it was sent.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
