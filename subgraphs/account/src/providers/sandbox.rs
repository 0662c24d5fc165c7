//! A provider for development, which knows a few cards and no network.
//!
//! Nonces: `sandbox-visa`, `sandbox-mastercard`, `sandbox-napas`, each with the last four digits after another dash if a
//! test wants to tell cards apart (`sandbox-visa-4242`); `sandbox-declined` is declined; anything else is unknown.

use entities::account::payment_method::PaymentToken;
use futures::future::BoxFuture;
use kernel::AccountId;
use service_kit::Result;
use sha2::{Digest, Sha256};

use super::{TokenRefusal, Tokenised, Tokeniser};

/// What clients choose it by.
pub(super) const ID: &str = "sandbox";

/// The provider.
pub(super) struct Sandbox;

impl Tokeniser for Sandbox {
    fn exchange<'a>(
        &'a self,
        account_id: AccountId,
        nonce: &'a str,
    ) -> BoxFuture<'a, Result<Result<Tokenised, TokenRefusal>>> {
        Box::pin(async move { Ok(exchange(account_id, nonce)) })
    }
}

fn exchange(account_id: AccountId, nonce: &str) -> Result<Tokenised, TokenRefusal> {
    let mut parts = nonce.strip_prefix("sandbox-").ok_or(TokenRefusal::NonceInvalid)?.split('-');
    let (brand, expires) = match parts.next() {
        Some("visa") => ("VISA", Some((2035, 12))),
        Some("mastercard") => ("MASTERCARD", Some((2034, 6))),
        Some("napas") => ("NAPAS", None),
        Some("declined") => return Err(TokenRefusal::Declined),
        _ => return Err(TokenRefusal::NonceInvalid),
    };
    let last_digits = parts.next().unwrap_or("4242");
    if last_digits.len() != 4 || !last_digits.bytes().all(|byte| byte.is_ascii_digit()) || parts.next().is_some() {
        return Err(TokenRefusal::NonceInvalid);
    }
    // The same card of the same account gives the same token, as with real providers.
    let token = hex::encode(Sha256::digest(format!("{account_id}/{brand}/{last_digits}")));
    Ok(Tokenised {
        token: PaymentToken(format!("sandbox_{token}")),
        brand: brand.to_owned(),
        last_digits: last_digits.to_owned(),
        expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_nonces_are_exchanged_and_others_refused() {
        let account = AccountId::new();
        let card = exchange(account, "sandbox-visa-1111").unwrap();
        assert_eq!((card.brand.as_str(), card.last_digits.as_str()), ("VISA", "1111"));
        assert_eq!(exchange(account, "sandbox-visa-1111").unwrap().token, card.token);
        assert_ne!(exchange(AccountId::new(), "sandbox-visa-1111").unwrap().token, card.token);
        for unknown in ["", "sandbox-", "visa", "sandbox-visa-12345", "sandbox-visa-1111-2", "4111111111111111"] {
            assert_eq!(exchange(account, unknown).unwrap_err(), TokenRefusal::NonceInvalid, "{unknown}");
        }
        assert_eq!(exchange(account, "sandbox-declined").unwrap_err(), TokenRefusal::Declined);
    }
}
