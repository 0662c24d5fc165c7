//! The ledger.

use kernel::{AccountId, LedgerEntryId, OperationId, OrderId, PaymentId, PayoutId, RefundId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One side of one ledger transaction. Append-only; the entries of a transaction add up to zero.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "ledger_entry")]
pub struct Model {
    /// Drawn when it was written.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerEntryId,
    /// The transaction: the same one is written once.
    pub transaction_id: OperationId,
    /// Its place in the transaction.
    pub position: i16,
    /// What it records.
    pub kind: LedgerKind,
    /// Which account it changes.
    pub account: LedgerAccount,
    /// Whose account; `None` for the platform's.
    pub owner_id: Option<AccountId>,
    /// By how much: positive is owed to the owner, negative is owed by the owner.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// The payment it comes from; `None` for a payout.
    pub payment_id: Option<PaymentId>,
    /// The order it is for, if for one.
    pub order_id: Option<OrderId>,
    /// The refund it is for, if for one.
    pub refund_id: Option<RefundId>,
    /// The payout it is for, if for one.
    pub payout_id: Option<PayoutId>,
    /// When.
    pub at: DateTimeUtc,
}

/// What a ledger entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LedgerKind {
    /// An order was paid.
    Sale,
    /// The platform charged its share of a sale.
    Fee,
    /// Money came that pays no order.
    Credit,
    /// An order, or a part of it, was refunded.
    Refund,
    /// The platform gave back its share of what was refunded.
    FeeRefund,
    /// The money of a refund has left.
    RefundPaid,
    /// A payout was asked for, made or rejected.
    Payout,
    /// Cashback was credited to a buyer, or taken back.
    Cashback,
}

/// An account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LedgerAccount {
    /// What a buyer has paid in: negative, since it came from outside.
    BuyerClearing,
    /// What is owed back to a buyer.
    BuyerCredit,
    /// What is owed to a seller.
    SellerEarning,
    /// What is set aside for payouts to a seller.
    SellerPayout,
    /// What has left to a seller.
    PaidOut,
    /// What the platform has earned.
    PlatformFee,
    /// What a buyer was credited as cashback.
    BuyerCashback,
    /// What the platform has borne of cashback: negative.
    PlatformCashback,
}

impl ActiveModelBehavior for ActiveModel {}
