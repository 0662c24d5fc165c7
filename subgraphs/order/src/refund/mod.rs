//! Refunds: money, and goods, on their way back.
//!
//! A buyer asks for units of the items of a paid order; the seller accepts or declines, and a time limit answers for a
//! seller who does not. What was declined can be disputed, and an administrator decides. Units that a refund claims are
//! counted on their item, under a lock on the order and a constraint, so nothing goes back twice; amounts are what
//! remains in proportion, so partial refunds add up to exactly what was paid.
//!
//! The decision about the money ([`settlement`]) is one transaction: the ledger, the items, the order and the refund.
//! What follows, stock, promotions and the provider, is driven to its end by durable handlers.
//!
//! Locks are taken in this order everywhere: the shipment, the payment, orders, items, refunds, feeds.

pub(crate) mod answering;
pub(crate) mod command;
pub(crate) mod inputs;
pub(crate) mod lapse;
pub(crate) mod loaders;
pub(crate) mod mutations;
pub(crate) mod news;
pub(crate) mod queries;
pub(crate) mod receipt;
pub(crate) mod repayment;
pub(crate) mod requesting;
pub(crate) mod returning;
pub(crate) mod selection;
pub(crate) mod settlement;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod undelivered;
pub(crate) mod workflows;

#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use service_kit::{Config, ConfigError};

/// The time limits of refunds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// How long after its delivery an order can be refunded.
    pub(crate) window: Duration,
    /// How long a seller may take to answer before the refund is accepted for them.
    pub(crate) answer: Duration,
    /// How long a buyer may dispute that a refund was declined.
    pub(crate) dispute: Duration,
    /// How long a buyer may take to hand over goods that are to go back.
    pub(crate) handover: Duration,
    /// How long a seller may take to look at goods that are back before the money goes without them.
    pub(crate) receipt: Duration,
    /// How long to wait before a provider that refused is asked again.
    pub(crate) retry: Duration,
    /// How often a provider is asked before the money becomes a credit.
    pub(crate) attempts: i32,
}

impl Rules {
    /// Reads `REFUND_WINDOW_SECONDS` (7 days), `REFUND_ANSWER_SECONDS` (48 hours), `REFUND_DISPUTE_SECONDS` (3 days),
    /// `REFUND_HANDOVER_SECONDS` (14 days), `REFUND_RECEIPT_SECONDS` (3 days), `REFUND_RETRY_SECONDS` (1 hour) and
    /// `REFUND_ATTEMPTS` (5).
    ///
    /// # Errors
    /// A setting is not a number.
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        let seconds = |name, default| config.setting_or(name, default).map(Duration::from_secs);
        Ok(Self {
            window: seconds("REFUND_WINDOW_SECONDS", 7 * DAY)?,
            answer: seconds("REFUND_ANSWER_SECONDS", 2 * DAY)?,
            dispute: seconds("REFUND_DISPUTE_SECONDS", 3 * DAY)?,
            handover: seconds("REFUND_HANDOVER_SECONDS", 14 * DAY)?,
            receipt: seconds("REFUND_RECEIPT_SECONDS", 3 * DAY)?,
            retry: seconds("REFUND_RETRY_SECONDS", 60 * 60)?,
            attempts: config.setting_or("REFUND_ATTEMPTS", 5)?,
        })
    }
}

const DAY: u64 = 24 * 60 * 60;
