//! What other modules may ask of `account`.

use chrono::{DateTime, Utc};
use kernel::{AccountId, ContactId, Currency, NotificationId, ProductId};
use serde::{Deserialize, Serialize};

use crate::{Call, Read};

/// What a checkout has to know of accounts, all at once because every hop of a checkout counts.
pub const PARTIES: Read<PartiesWanted, Parties> = Read::new("account", "parties");

/// The default contact of an account, which is where a seller's parcels are picked up. `None` when it has none.
pub const CONTACT_DEFAULT: Call<AccountId, Option<Contact>> = Call::new("AccountDirectory", "contact_default");

/// Public facts of accounts, suspended ones included. Unknown ids are left out of the answer.
pub const ACCOUNTS: Read<Vec<AccountId>, Vec<AccountSummary>> = Read::new("account", "accounts");

/// Stores a notification and shows it live; the same `notification_id` again changes nothing.
pub const NOTIFY: Call<Notify, ()> = Call::new("Notifications", "notify");

/// Does what [`NOTIFY`] does, at a time to come; a time that is past means now.
pub const NOTIFY_AT: Call<NotifyAt, ()> = Call::new("Notifications", "notify_at");

/// Tells that a product is new, for the feeds of its seller's followers; the same product again changes nothing.
pub const PRODUCT_PUBLISHED: Call<ProductPublished, ()> = Call::new("Feeds", "product_published");

/// The accounts of a checkout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartiesWanted {
    /// The owner of the contacts.
    pub buyer_id: AccountId,
    /// The contacts wanted.
    pub contact_ids: Vec<ContactId>,
    /// Whether the buyer's default contact is wanted.
    pub default_contact: bool,
    /// The sellers wanted.
    pub seller_ids: Vec<AccountId>,
}

/// What is known of the accounts of a checkout.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Parties {
    /// The contacts that were wanted. Those that are not the buyer's own are left out.
    pub contacts: Vec<Contact>,
    /// The buyer's default contact, when it was wanted and there is one.
    pub default_contact: Option<Contact>,
    /// The sellers, suspended ones included. Unknown ids are left out.
    pub sellers: Vec<AccountSummary>,
}

/// A shipping address as it stood when it was read; orders keep a copy of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The contact this was read from; `None` for an address typed in at checkout.
    pub contact_id: Option<ContactId>,
    /// Who receives the parcel.
    pub full_name: String,
    /// In E.164 form, as in `+84901234567`.
    pub phone: String,
    /// The address on one line.
    pub address: String,
    /// Degrees north, when known.
    pub latitude: Option<f64>,
    /// Degrees east, when known.
    pub longitude: Option<f64>,
}

/// What any module may know of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountSummary {
    /// The account.
    pub account_id: AccountId,
    /// The name it shows to others.
    pub name: String,
    /// The currency of its country: the one its prices are in.
    pub currency: Currency,
    /// Whether an administrator has suspended it.
    pub suspended: bool,
}

/// One notification to one account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notify {
    /// Drawn by the caller, inside a journaled step or derived from an operation.
    pub notification_id: NotificationId,
    /// Who is notified.
    pub account_id: AccountId,
    /// What happened.
    pub kind: NotificationKind,
    /// A short line.
    pub title: String,
    /// A sentence or two.
    pub content: String,
    /// Ids that a client needs to open the right page, as in `{"orderId": "…"}`.
    pub metadata: serde_json::Value,
}

/// One notification to one account, at a time to come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotifyAt {
    /// The notification.
    pub notify: Notify,
    /// When to deliver it.
    pub deliver_at: DateTime<Utc>,
}

/// A new product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProductPublished {
    /// The product.
    pub product_id: ProductId,
    /// Who sells it.
    pub seller_id: AccountId,
    /// When it was published.
    pub published_at: DateTime<Utc>,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
