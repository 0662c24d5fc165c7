//! Payments: from the buyer's choice of a way to pay to money that is matched.
//!
//! A payment pays all of its orders or none. An order is in at most one open payment, by the database's own rule. Money
//! that was captured and pays no order becomes a credit of the buyer, and what belongs to no payment at all goes back:
//! it is never swallowed.
//!
//! Locks are taken in this order everywhere: the shipment, the payment, orders, items, feeds.

pub(crate) mod announcement;
pub(crate) mod cancellation;
pub(crate) mod collection;
pub(crate) mod enquiry;
pub(crate) mod event;
pub(crate) mod loaders;
pub(crate) mod mutations;
pub(crate) mod opening;
pub(crate) mod queries;
pub(crate) mod reconciliation;
pub(crate) mod report;
pub(crate) mod store;
pub(crate) mod stray;
pub(crate) mod types;
pub(crate) mod webhooks;
pub(crate) mod workflows;

#[cfg(test)]
mod tests;

use std::time::Duration;

use kernel::Money;
use service_kit::{Config, ConfigError, Result};

use crate::amounts;

/// How long an online payment waits for the buyer: `PAYMENT_EXPIRY_SECONDS`, 900 when it is not set.
///
/// # Errors
/// The setting is not a number of seconds.
pub(crate) fn expiry(config: &Config) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(config.setting_or("PAYMENT_EXPIRY_SECONDS", 900)?))
}

/// An amount of a row.
pub(crate) fn amount(amount_minor: i64, currency: &str) -> Result<Money> {
    Ok(Money::new(amount_minor, amounts::currency(currency)?))
}
