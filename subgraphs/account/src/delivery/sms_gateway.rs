//! Text messages by a gateway that takes JSON over HTTPS: `POST {"to": "+84…", "text": "…"}` with a bearer token, which
//! most vendors speak or a few lines in front of them do.

use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use service_kit::{Config, ConfigError, Error, Result};

use super::{Channel, Delivered, Letter};

/// A gateway that takes text messages.
pub(super) struct SmsGateway {
    http: reqwest::Client,
    url: String,
    token: SecretString,
}

impl SmsGateway {
    /// Reads `SMS_GATEWAY_URL` and `SMS_GATEWAY_TOKEN`. `None` without the first.
    pub(super) fn read(config: &Config, http: &reqwest::Client) -> Result<Option<Self>, ConfigError> {
        let Some(url) = config.setting("SMS_GATEWAY_URL") else { return Ok(None) };
        let token = config.setting("SMS_GATEWAY_TOKEN");
        let token = token.ok_or_else(|| ConfigError::Missing("SMS_GATEWAY_TOKEN".to_owned()))?;
        Ok(Some(Self { http: http.clone(), url: url.to_owned(), token: token.into() }))
    }

    async fn send(&self, to: &str, letter: &Letter) -> Result<Delivered> {
        let request = self.http.post(&self.url).bearer_auth(self.token.expose_secret());
        let answer = request.json(&json!({"to": to, "text": letter.body})).send().await;
        let status =
            answer.map_err(|error| Error::internal("handing a text message over", error.without_url()))?.status();
        if status.is_success() {
            Ok(Delivered::Accepted)
        } else if matches!(status.as_u16(), 400 | 404 | 410 | 422) {
            tracing::warn!(%status, "the gateway refuses a text message for good");
            Ok(Delivered::Refused)
        } else {
            Err(Error::broken(format!("the gateway for text messages answers {status}")))
        }
    }
}

impl Channel for SmsGateway {
    fn deliver<'a>(&'a self, to: &'a str, letter: &'a Letter) -> BoxFuture<'a, Result<Delivered>> {
        Box::pin(self.send(to, letter))
    }
}
