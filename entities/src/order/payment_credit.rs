//! Money that was captured and pays no order.

use kernel::{AccountId, PaymentId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Money that is the buyer's. Append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "payment_credit")]
pub struct Model {
    /// Drawn when the money was reported.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The payment it was meant for.
    pub payment_id: PaymentId,
    /// Whose money it is.
    pub buyer_id: AccountId,
    /// How much.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// Why it pays no order.
    pub reason: CreditReason,
    /// The provider's own number of the transaction.
    pub provider_transaction: String,
    /// When it was reported.
    pub created_at: DateTimeUtc,
}

/// Why captured money pays no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CreditReason {
    /// It came after the payment had ended.
    Late,
    /// The payment had been captured before, by another transaction.
    Duplicate,
    /// An order of the payment can no longer be paid.
    OrderClosed,
    /// It was refunded, and the way it had come does not take it back.
    Refund,
}

impl ActiveModelBehavior for ActiveModel {}
