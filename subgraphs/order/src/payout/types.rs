//! What clients see of payouts.

use async_graphql::{Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entities::order::payout;
use kernel::PayoutId;
use service_kit::{
    Result,
    graphql::{Money, MoneyInput},
};

use crate::{account::Account, amounts, error::UserError, payout::store::Balance};

/// Where a payout stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::order::PayoutStatus")]
pub enum PayoutStatus {
    /// Waits for an administrator; the amount is set aside.
    Requested,
    /// The seller has the money.
    Paid,
    /// It was not made; the amount is available again.
    Rejected,
}

/// What a seller has in one currency.
#[derive(SimpleObject, Debug, Clone)]
pub struct LedgerBalance {
    /// What can be paid out now. Negative when refunds took more than was left.
    pub available: Money,
    /// What was earned by orders that are on their way or can still be refunded.
    pub pending: Money,
}

impl From<Balance> for LedgerBalance {
    fn from(balance: Balance) -> Self {
        Self { available: balance.available.into(), pending: balance.pending.into() }
    }
}

/// What a seller wants paid out. Only the seller and administrators see it.
pub struct Payout(pub payout::Model);

/// What a seller wants paid out. Only the seller and administrators see it.
#[Object]
impl Payout {
    /// Id.
    async fn id(&self) -> PayoutId {
        self.0.id
    }

    /// Whose it is.
    async fn seller(&self) -> Account {
        Account { id: self.0.seller_id }
    }

    /// Where it stands.
    async fn status(&self) -> PayoutStatus {
        self.0.status.into()
    }

    /// How much.
    async fn amount(&self) -> Result<Money> {
        amounts::shown(self.0.amount_minor, &self.0.currency)
    }

    /// The bank's own number of the transfer. Null unless it is paid and was given one.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// What the administrator said. Null when nothing.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// When an administrator decided. Null before.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Asks for a payout.
#[derive(InputObject, Debug, Clone)]
pub struct RequestPayoutInput {
    /// How much: more than nothing, at most what is available in its currency.
    pub amount: MoneyInput,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// What an administrator decides about a payout.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutDecision {
    /// The transfer was made.
    Paid,
    /// It is not made; the amount is available again.
    Rejected,
}

/// Decides about a payout.
#[derive(InputObject, Debug, Clone)]
pub struct DecidePayoutInput {
    /// The payout, requested.
    pub payout_id: PayoutId,
    /// What was decided.
    pub decision: PayoutDecision,
    /// The bank's own number of the transfer, at most 100 characters.
    pub reference: Option<String>,
    /// What the seller is told, at most 1000 characters.
    pub note: Option<String>,
    /// Names this command, 1–64 characters: the same key again gives the first answer.
    pub idempotency_key: String,
}

/// The answer to a mutation of a payout.
#[derive(SimpleObject)]
pub struct PayoutPayload {
    /// The payout as it is now. Null when the request was refused: then nothing has changed.
    pub payout: Option<Payout>,
    /// Why the request was refused.
    pub user_errors: Vec<UserError>,
}
