//! Refunds.

use kernel::{AccountId, OrderId, PaymentId, RefundId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Money, and goods, on their way back for items of one order.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "refund")]
pub struct Model {
    /// Drawn when it was asked for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefundId,
    /// The order.
    pub order_id: OrderId,
    /// The payment that took the money.
    pub payment_id: PaymentId,
    /// Who gets the money.
    pub buyer_id: AccountId,
    /// Who gives it.
    pub seller_id: AccountId,
    /// What it does; a return until it is accepted for an order that has not left.
    pub kind: RefundKind,
    /// Where it stands.
    pub status: RefundStatus,
    /// How the goods go back, if they have to.
    pub method: ReturnMethod,
    /// Why, as the buyer wrote it.
    pub reason: String,
    /// ISO 4217 code of the amounts.
    pub currency: String,
    /// What the buyer gets back for the items.
    pub goods_minor: i64,
    /// What the buyer gets back for the transport; decided with the money.
    pub transport_minor: i64,
    /// How the money went back, once it has.
    pub paid_via: Option<PaidVia>,
    /// How often the provider has refused to pay it back.
    pub attempts: i32,
    /// The attempt that was sent last to the provider.
    pub sent_attempt: Option<i32>,
    /// What was said last: why it was declined, disputed, or decided so.
    pub note: Option<String>,
    /// Until when the seller may answer.
    pub deadline_at: DateTimeUtc,
    /// Until when the buyer may dispute that it was declined.
    pub dispute_until: Option<DateTimeUtc>,
    /// When the seller said in which condition the goods came back.
    pub inspected_at: Option<DateTimeUtc>,
    /// The number of its last event.
    pub event_seq: i32,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When it changed last.
    pub updated_at: DateTimeUtc,
}

/// What a refund does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundKind {
    /// The goods go back, then the money.
    Return,
    /// The goods had not left: they stay, the money goes back.
    Cancellation,
    /// The parcel came back to its sender: the money goes back.
    Undelivered,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStatus {
    /// Waits for the seller.
    Pending,
    /// The buyer took it back.
    Withdrawn,
    /// The goods are on their way back.
    Accepted,
    /// The seller does not want it.
    Declined,
    /// The buyer does not agree with the seller; an administrator decides.
    Disputed,
    /// An administrator decided for the seller.
    Rejected,
    /// It is decided, and the money is on its way.
    Paying,
    /// The buyer has the money.
    Refunded,
    /// Nothing is left to refund: the whole parcel came back.
    Closed,
}

/// How goods go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReturnMethod {
    /// The carrier fetches them from the buyer.
    PickUp,
    /// The buyer brings them to the carrier.
    DropOff,
}

/// How money went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaidVia {
    /// By the provider that had taken it.
    Provider,
    /// As a credit of the buyer.
    Credit,
    /// There was nothing to pay.
    Nothing,
}

impl ActiveModelBehavior for ActiveModel {}
