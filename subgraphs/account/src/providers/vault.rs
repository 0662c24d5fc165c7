//! A card vault over HTTPS: `POST {url} {"nonce": "…", "customer": "<account>"}` with a bearer key answers
//! `{"token", "brand", "lastDigits", "expiresYear", "expiresMonth"}`; 402 means declined, and 400, 404, 409, 410 and
//! 422 an unusable nonce. Any other answer is a fault.

use entities::account::payment_method::PaymentToken;
use futures::future::BoxFuture;
use kernel::AccountId;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use service_kit::{Config, ConfigError, Error, Result};

use super::{TokenRefusal, Tokenised, Tokeniser};

/// What clients choose it by.
pub(super) const ID: &str = "vault";

/// The provider.
pub(super) struct Vault {
    http: reqwest::Client,
    url: String,
    key: SecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    token: String,
    brand: String,
    last_digits: String,
    expires_year: Option<i32>,
    expires_month: Option<i32>,
}

impl Vault {
    /// Reads `PAYMENT_VAULT_URL` and `PAYMENT_VAULT_KEY`. `None` without the first.
    pub(super) fn read(config: &Config, http: &reqwest::Client) -> Result<Option<Self>, ConfigError> {
        let Some(url) = config.setting("PAYMENT_VAULT_URL") else { return Ok(None) };
        let key = config.setting("PAYMENT_VAULT_KEY");
        let key = key.ok_or_else(|| ConfigError::Missing("PAYMENT_VAULT_KEY".to_owned()))?;
        Ok(Some(Self { http: http.clone(), url: url.to_owned(), key: key.into() }))
    }

    async fn ask(&self, account_id: AccountId, nonce: &str) -> Result<Result<Tokenised, TokenRefusal>> {
        let away = |error: reqwest::Error| Error::internal("asking the card vault", error.without_url());
        let request = self.http.post(&self.url).bearer_auth(self.key.expose_secret());
        let answer = request.json(&json!({"nonce": nonce, "customer": account_id})).send().await.map_err(away)?;
        match answer.status().as_u16() {
            402 => Ok(Err(TokenRefusal::Declined)),
            400 | 404 | 409 | 410 | 422 => Ok(Err(TokenRefusal::NonceInvalid)),
            200..=299 => Ok(Ok(tokenised(answer.json().await.map_err(away)?))),
            status => Err(Error::broken(format!("the card vault answers {status}"))),
        }
    }
}

/// Whatever the vault sends, no more than four digits are kept.
fn tokenised(answer: Answer) -> Tokenised {
    let digits: Vec<char> = answer.last_digits.chars().filter(char::is_ascii_digit).collect();
    Tokenised {
        token: PaymentToken(answer.token),
        brand: answer.brand.chars().take(40).collect(),
        last_digits: digits[digits.len().saturating_sub(4)..].iter().collect(),
        expires: answer.expires_year.zip(answer.expires_month.filter(|month| (1..=12).contains(month))),
    }
}

impl Tokeniser for Vault {
    fn exchange<'a>(
        &'a self,
        account_id: AccountId,
        nonce: &'a str,
    ) -> BoxFuture<'a, Result<Result<Tokenised, TokenRefusal>>> {
        Box::pin(self.ask(account_id, nonce))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::vendor::{Asked, Vendor};

    const CARD: &str =
        r#"{"token": "tok_1", "brand": "VISA", "lastDigits": "4242", "expiresYear": 2031, "expiresMonth": 12}"#;

    fn vault(url: String) -> Vault {
        Vault { http: reqwest::Client::new(), url, key: "the-key".into() }
    }

    #[tokio::test]
    async fn a_nonce_is_exchanged_for_a_token_of_the_account() {
        let vendor = Vendor::start().await;
        let vault = vault(format!("{}/v1/cards", vendor.url));
        let account = AccountId::new();
        for status in [200, 201] {
            vendor.answer(status, CARD);
            let card = vault.exchange(account, "nonce-1").await.unwrap().unwrap();
            assert_eq!((card.token.0.as_str(), card.brand.as_str()), ("tok_1", "VISA"));
            assert_eq!((card.last_digits.as_str(), card.expires), ("4242", Some((2031, 12))));
            let expected = Asked {
                method: Method::POST,
                path: "/v1/cards".to_owned(),
                authorization: "Bearer the-key".to_owned(),
                content_type: "application/json".to_owned(),
                body: json!({"nonce": "nonce-1", "customer": account.to_string()}),
            };
            assert_eq!(vendor.asked(), [expected]);
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told_from_a_vault_that_does_not_work() {
        let vendor = Vendor::start().await;
        let vault = vault(vendor.url.clone());
        let account = AccountId::new();
        let unusable = [400, 404, 409, 410, 422].map(|status| (status, Some(TokenRefusal::NonceInvalid)));
        // The key is wrong, the vault is busy or broken: the buyer's card is not to blame.
        let broken = [401, 403, 429, 500, 502, 503, 504].map(|status| (status, None));
        for (status, expected) in [(402, Some(TokenRefusal::Declined))].into_iter().chain(unusable).chain(broken) {
            // A body that would do does not turn a refusal into a token.
            vendor.answer(status, CARD);
            let answer = vault.exchange(account, "nonce-1").await;
            assert_eq!(answer.ok().map(|outcome| outcome.unwrap_err()), expected, "{status}");
            assert_eq!(vendor.asked().len(), 1, "{status}: a nonce is sent once");
        }
        for unreadable in ["", "<html>", "{}", r#"{"token": "tok_1", "brand": null, "lastDigits": "4242"}"#] {
            vendor.answer(200, unreadable);
            assert!(vault.exchange(account, "nonce-1").await.is_err(), "{unreadable}");
        }
    }

    #[tokio::test]
    async fn a_vault_that_is_away_is_a_fault_and_its_address_stays_secret() {
        let vault = vault("http://127.0.0.1:9/secret".to_owned());
        let shown = format!("{:?}", vault.exchange(AccountId::new(), "nonce-1").await.unwrap_err());
        assert!(!shown.contains("/secret") && !shown.contains("the-key"), "{shown}");
    }

    #[test]
    fn a_vault_that_sends_a_whole_number_gives_away_no_more_than_four_digits() {
        let answer = json!({"token": "t", "brand": "VISA", "lastDigits": "4111 1111 1111 1234"});
        let card = tokenised(serde_json::from_value(answer).unwrap());
        assert_eq!((card.last_digits.as_str(), card.expires), ("1234", None));
    }
}
