//! Providers that turn what a client's payment page hands over into a token to charge by.
//!
//! Card numbers never come near the marketplace: the provider's own page takes them and gives the client a nonce, which
//! is good once. The provider exchanges the nonce for a token, which is stored and never shown.

mod sandbox;
mod vault;

use std::sync::Arc;

use entities::account::payment_method::PaymentToken;
use futures::future::BoxFuture;
use kernel::AccountId;
use service_kit::{Config, ConfigError, Result, config::Environment};

use self::{sandbox::Sandbox, vault::Vault};

/// What a nonce was exchanged for.
#[derive(Debug, Clone)]
pub(crate) struct Tokenised {
    pub(crate) token: PaymentToken,
    /// As in `VISA`.
    pub(crate) brand: String,
    /// At most four digits.
    pub(crate) last_digits: String,
    /// Year and month.
    pub(crate) expires: Option<(i32, i32)>,
}

/// Why a nonce was not exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenRefusal {
    /// It is unknown, used or expired.
    NonceInvalid,
    /// The bank behind it declines.
    Declined,
}

/// A provider of tokens.
pub(crate) trait Tokeniser: Send + Sync + 'static {
    /// Exchanges a nonce for a token of the account.
    ///
    /// # Errors
    /// The provider is away.
    fn exchange<'a>(
        &'a self,
        account_id: AccountId,
        nonce: &'a str,
    ) -> BoxFuture<'a, Result<Result<Tokenised, TokenRefusal>>>;
}

/// The providers of this installation, by id.
#[derive(Clone, Default)]
pub(crate) struct Tokenisers(Vec<(&'static str, Arc<dyn Tokeniser>)>);

impl Tokenisers {
    /// Reads `PAYMENT_VAULT_URL` with `PAYMENT_VAULT_KEY`; in development the sandbox is there as well.
    ///
    /// # Errors
    /// A variable is missing; the error names it.
    pub(crate) fn read(config: &Config, http: &reqwest::Client) -> Result<Self, ConfigError> {
        let mut all: Vec<(&'static str, Arc<dyn Tokeniser>)> = Vec::new();
        if let Some(vault) = Vault::read(config, http)? {
            all.push((vault::ID, Arc::new(vault)));
        }
        if config.environment == Environment::Development {
            all.push((sandbox::ID, Arc::new(Sandbox)));
        }
        Ok(Self(all))
    }

    /// The provider of an id.
    pub(crate) fn find(&self, id: &str) -> Option<(&'static str, &Arc<dyn Tokeniser>)> {
        self.0.iter().find(|(known, _)| *known == id).map(|(known, provider)| (*known, provider))
    }

    /// The ids of all providers.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(id, _)| *id)
    }
}
