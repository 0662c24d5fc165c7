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

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use super::*;
    use crate::vendor::{Asked, Vendor};

    fn gateway(url: String) -> SmsGateway {
        SmsGateway { http: reqwest::Client::new(), url, token: "the-token".into() }
    }

    fn letter() -> Letter {
        Letter { subject: "A subject".to_owned(), body: "Nhập mã 123456 để vào.".to_owned() }
    }

    #[tokio::test]
    async fn a_gateway_is_given_the_number_and_the_text_and_nothing_else() {
        let vendor = Vendor::start().await;
        let gateway = gateway(format!("{}/v1/messages?from=Shop", vendor.url));
        assert_eq!(gateway.deliver("+84901234567", &letter()).await.unwrap(), Delivered::Accepted);
        let expected = Asked {
            method: Method::POST,
            path: "/v1/messages?from=Shop".to_owned(),
            authorization: "Bearer the-token".to_owned(),
            content_type: "application/json".to_owned(),
            body: json!({"to": "+84901234567", "text": "Nhập mã 123456 để vào."}),
        };
        assert_eq!(vendor.asked(), [expected]);
    }

    #[tokio::test]
    async fn a_text_is_taken_refused_for_good_or_put_off_as_the_gateway_says() {
        let vendor = Vendor::start().await;
        let gateway = gateway(vendor.url.clone());
        let taken = [200, 201, 202, 204].map(|status| (status, Some(Delivered::Accepted)));
        let refused = [400, 404, 410, 422].map(|status| (status, Some(Delivered::Refused)));
        // A wrong token can be put right, and the rest is over some day: these are tried again.
        let put_off = [401, 403, 429, 500, 502, 503, 504].map(|status| (status, None));
        for (status, expected) in taken.into_iter().chain(refused).chain(put_off) {
            vendor.answer(status, "");
            let delivered = gateway.deliver("+84901234567", &letter()).await;
            assert_eq!(delivered.ok(), expected, "{status}");
            assert_eq!(vendor.asked().len(), 1, "{status}: when to try again is not decided here");
        }
    }

    #[tokio::test]
    async fn a_gateway_that_is_away_may_come_back_and_its_address_stays_secret() {
        let gateway = gateway("http://127.0.0.1:9/secret".to_owned());
        let shown = format!("{:?}", gateway.deliver("+84901234567", &letter()).await.unwrap_err());
        assert!(!shown.contains("/secret") && !shown.contains("the-token"), "{shown}");
    }
}
