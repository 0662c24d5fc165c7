//! Shipments: the parcel of an order, from its announcement to the buyer's door.
//!
//! A parcel only moves forward, and each move is recorded once: in its own history, in the history of the order, and in
//! the feeds of both parties. The carrier says when it moves; for the table-rate carrier a durable clock does.

pub(crate) mod loaders;
pub(crate) mod moving;
pub(crate) mod queries;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod webhooks;
pub(crate) mod workflows;

use std::time::Duration;

use service_kit::{Config, ConfigError};

/// How long a failed delivery can be mended before the parcel counts as back with its sender:
/// `FAILED_DELIVERY_SECONDS`, 7 days when it is not set.
///
/// # Errors
/// The setting is not a number of seconds.
pub(crate) fn mending(config: &Config) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(config.setting_or("FAILED_DELIVERY_SECONDS", 7 * 24 * 60 * 60)?))
}
