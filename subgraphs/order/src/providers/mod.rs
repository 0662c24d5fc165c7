//! Providers: how money comes in and how parcels move.
//!
//! A provider is one file for its rules and its wire mapping; HTTP stands apart from the mapping, so that the mapping is
//! tested by fixtures. Each is known by the ids of the options it offers (`vnpay-qr`, `table-rate`), which the module
//! registers as service options at its start. A provider without credentials is not offered.

pub(crate) mod exchanges;
pub(crate) mod payment;
pub(crate) mod switches;
pub(crate) mod transport;

use std::sync::Arc;

use contracts::common::ServiceOption;
use sea_orm::DatabaseConnection;
use service_kit::{Config, ConfigError, peers::Peers};

use self::{exchanges::Exchanges, payment::PaymentProviders, switches::Switches, transport::TransportProviders};

/// Every provider that this installation can use.
#[derive(Clone)]
pub(crate) struct Providers {
    /// Ways to pay.
    pub(crate) payment: Arc<PaymentProviders>,
    /// Ways to ship.
    pub(crate) transport: Arc<TransportProviders>,
    /// How they are spoken to.
    pub(crate) exchanges: Exchanges,
}

impl Providers {
    /// The providers that are configured; `http` carries the calls of those that have an API, and `db` keeps them.
    ///
    /// # Errors
    /// A setting of a provider is there and unusable, or half of its credentials are missing.
    pub(crate) fn from_config(
        config: &Config,
        http: &reqwest::Client,
        db: &DatabaseConnection,
    ) -> Result<Self, ConfigError> {
        let exchanges = Exchanges::new(http, db);
        Ok(Self {
            payment: Arc::new(PaymentProviders::from_config(config)?),
            transport: Arc::new(TransportProviders::from_config(config, &exchanges)?),
            exchanges,
        })
    }

    /// The switches of all options.
    pub(crate) fn switches(&self, peers: Peers) -> Switches {
        Switches::new(peers, self.options().into_iter().map(|option| option.id).collect())
    }

    /// What to register as service options.
    pub(crate) fn options(&self) -> Vec<ServiceOption> {
        [self.payment.options(), self.transport.options()].concat()
    }
}

/// A setting that must be there because another one of the same provider is.
fn required(config: &Config, name: &str) -> Result<String, ConfigError> {
    config.setting(name).map(ToOwned::to_owned).ok_or_else(|| ConfigError::Missing(name.to_owned()))
}

/// A required setting that is a URL.
fn required_url(config: &Config, name: &str) -> Result<url::Url, ConfigError> {
    let text = required(config, name)?;
    text.parse()
        .map_err(|error: url::ParseError| ConfigError::Invalid { name: name.to_owned(), reason: error.to_string() })
}
