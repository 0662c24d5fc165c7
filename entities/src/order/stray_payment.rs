//! Money that was captured under a reference that is no payment's.

use kernel::StrayPaymentId;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One capture by VNPay that belongs to no payment of ours, and so goes back to whom it came from.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "stray_payment")]
pub struct Model {
    /// The operation that recorded its first report.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StrayPaymentId,
    /// VNPay's own number of the transaction.
    pub provider_transaction: String,
    /// The reference it was captured under, as VNPay writes it.
    pub reference: String,
    /// How much was reported, and then how much VNPay said it has.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// The bank that paid, by VNPay's code.
    pub bank_code: Option<String>,
    /// When it was paid, as VNPay writes it.
    pub pay_date: Option<String>,
    /// Where it stands.
    pub state: StrayPaymentState,
    /// How often VNPay has refused to give it back.
    pub tries: i32,
    /// The last try whose request was sent.
    pub sent_try: Option<i32>,
    /// What came of the last try.
    pub note: Option<String>,
    /// When it was first reported.
    pub created_at: DateTimeUtc,
    /// When it was tried last to give it back.
    pub updated_at: DateTimeUtc,
}

/// Where money stands that belongs to no payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StrayPaymentState {
    /// VNPay is asked to give it back.
    Held,
    /// It went back to whom it came from.
    Refunded,
    /// VNPay does not give it back.
    Refused,
}

impl ActiveModelBehavior for ActiveModel {}
