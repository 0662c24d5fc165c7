//! Payments.

use kernel::{AccountId, PaymentId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One attempt to pay one or more orders.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "payment")]
pub struct Model {
    /// Drawn when it was asked for; the reference that providers send back.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    /// Who pays.
    pub buyer_id: AccountId,
    /// The way to pay, as in `vnpay-qr`.
    pub option_id: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// What is to be paid: the sum of its open orders.
    pub amount_minor: i64,
    /// The provider's page, for an online payment.
    pub redirect_url: Option<String>,
    /// Until when it can be paid, for an online payment.
    pub expires_at: Option<DateTimeUtc>,
    /// The provider's own number of the transaction that captured the money.
    pub provider_transaction: Option<String>,
    /// The number of its last event.
    pub event_seq: i32,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When its status changed last.
    pub updated_at: DateTimeUtc,
    /// When the provider has said, after the payment's time was over, what became of it; null before.
    pub reconciled_at: Option<DateTimeUtc>,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The provider waits for the buyer.
    Pending,
    /// The carrier collects it at the door.
    OnDelivery,
    /// The money is here.
    Succeeded,
    /// The provider or the buyer gave it up.
    Failed,
    /// The buyer did not pay in time.
    Expired,
    /// The money went back.
    Refunded,
}

impl ActiveModelBehavior for ActiveModel {}
