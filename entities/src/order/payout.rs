//! Payouts.

use kernel::{AccountId, PayoutId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a seller wants paid out.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "order", table_name = "payout")]
pub struct Model {
    /// Drawn when it was asked for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PayoutId,
    /// Who wants it.
    pub seller_id: AccountId,
    /// Where it stands.
    pub status: PayoutStatus,
    /// How much.
    pub amount_minor: i64,
    /// ISO 4217 code of the amount.
    pub currency: String,
    /// What the administrator said.
    pub note: Option<String>,
    /// The bank's own number of the transfer, once it is paid.
    pub reference: Option<String>,
    /// Which administrator decided.
    pub decided_by: Option<AccountId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
}

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayoutStatus {
    /// Waits for an administrator; the amount is set aside.
    Requested,
    /// The seller has the money.
    Paid,
    /// It was not made; the amount is the seller's balance again.
    Rejected,
}

impl ActiveModelBehavior for ActiveModel {}
