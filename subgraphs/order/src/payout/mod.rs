//! Payouts: what sellers have earned leaves to them.
//!
//! A balance is derived from the ledger: pending while an order can still be refunded, available after that. A seller
//! asks for a payout of what is available, and the amount is set aside in the same transaction; an administrator makes
//! the transfer by hand and marks it paid, or rejects it and the amount is available again.

pub(crate) mod mutations;
pub(crate) mod queries;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod workflows;

#[cfg(test)]
mod tests;

use std::time::Duration;

use service_kit::{Config, ConfigError};

/// How long after its delivery the money of an order stays pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold(pub(crate) Duration);

impl Default for Hold {
    fn default() -> Self {
        Self(Duration::from_secs(7 * 24 * 60 * 60))
    }
}

impl Hold {
    /// Reads `PAYOUT_HOLD_SECONDS`, 7 days when it is not set: as long as an order can be refunded.
    ///
    /// # Errors
    /// The setting is not a number of seconds.
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        let seconds = config.setting_or("PAYOUT_HOLD_SECONDS", Self::default().0.as_secs())?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}
