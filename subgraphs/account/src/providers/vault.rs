//! A card vault over HTTPS: `POST {url} {"nonce": "…", "customer": "<account>"}` with a bearer key answers
//! `{"token", "brand", "lastDigits", "expiresYear", "expiresMonth"}`; 402 means declined, another 4xx an unusable nonce.

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
    use super::*;

    #[test]
    fn a_vault_that_sends_a_whole_number_gives_away_no_more_than_four_digits() {
        let answer = json!({"token": "t", "brand": "VISA", "lastDigits": "4111 1111 1111 1234"});
        let card = tokenised(serde_json::from_value(answer).unwrap());
        assert_eq!((card.last_digits.as_str(), card.expires), ("1234", None));
    }
}
