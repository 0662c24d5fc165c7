//! The history of payments.

use kernel::PaymentId;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One thing that happened to one payment. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "payment_event")]
pub struct Model {
    /// The payment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment_id: PaymentId,
    /// 1 for the first event of the payment, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    /// What happened.
    pub kind: PaymentEventKind,
    /// What was asked or reported, without signatures and secrets.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    /// When.
    pub at: DateTimeUtc,
}

/// What happened to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentEventKind {
    /// The buyer asked for it.
    Requested,
    /// A provider reported something that changes nothing.
    Reported,
    /// The money is here.
    Succeeded,
    /// The provider gave it up.
    Failed,
    /// The buyer did not pay in time.
    Expired,
    /// Money came that pays no order.
    Credited,
    /// An order of it was cancelled.
    OrderCancelled,
    /// The carrier collected the money of one order.
    Collected,
    /// The provider was asked to pay a refund back.
    RefundAsked,
    /// The provider has paid a refund back.
    Refunded,
    /// The provider does not pay a refund back.
    RefundRefused,
    /// Money was reported that is not what was asked for: the provider is asked whether it has it.
    EnquiryOpened,
    /// The provider has said what became of that money, or was not heard for too long.
    EnquiryClosed,
}

impl ActiveModelBehavior for ActiveModel {}
