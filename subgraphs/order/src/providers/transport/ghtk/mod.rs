//! GHTK (Giao Hàng Tiết Kiệm), a Vietnamese carrier: fee, order, and status reports.
//!
//! The mapping in [`wire`] is pure; here is only what carries it over HTTP.

pub(crate) mod wire;

use contracts::common::{OptionCategory, ServiceOption};
use futures::future::BoxFuture;
use kernel::Currency;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Config, ConfigError, Error, Result};
use url::Url;

use self::wire::{FeeAnswer, OrderAnswer};
use super::{Booking, Consignment, Parcel, Quote, QuoteRefusal, Route, Tracking, TransportProvider};
use crate::providers::{required, required_url};

/// What a partner needs to speak to GHTK.
pub(crate) struct Ghtk {
    base_url: Url,
    token: SecretString,
    partner_code: String,
    webhook_secret: SecretString,
    http: reqwest::Client,
}

impl Ghtk {
    /// Reads `GHTK_TOKEN`, `GHTK_URL`, `GHTK_PARTNER_CODE` and `GHTK_WEBHOOK_SECRET`. Without a token GHTK is not
    /// offered.
    ///
    /// # Errors
    /// The token is set and something else is missing or unusable.
    pub(crate) fn from_config(config: &Config, http: &reqwest::Client) -> Result<Option<Self>, ConfigError> {
        let Some(token) = config.setting("GHTK_TOKEN") else { return Ok(None) };
        Ok(Some(Self {
            base_url: required_url(config, "GHTK_URL")?,
            token: token.to_owned().into(),
            partner_code: required(config, "GHTK_PARTNER_CODE")?,
            webhook_secret: required(config, "GHTK_WEBHOOK_SECRET")?.into(),
            http: http.clone(),
        }))
    }

    /// The secret that GHTK repeats in the `hash` parameter of its reports.
    pub(crate) fn webhook_secret(&self) -> &SecretString {
        &self.webhook_secret
    }

    async fn fee(&self, option_id: &str, route: &Route, parcel: &Parcel) -> Result<Quote> {
        if parcel.value.currency != Currency::VND {
            return Ok(Quote::Refused(QuoteRefusal::Currency));
        }
        let query = match wire::fee_query(option_id, route, parcel) {
            Ok(query) => query,
            Err(refusal) => return Ok(Quote::Refused(refusal)),
        };
        let url = self.endpoint("services/shipment/fee")?;
        let answer: FeeAnswer = self.send(self.http.get(url).query(&query)).await?;
        Ok(wire::read_fee(&answer))
    }

    async fn order(&self, option_id: &str, consignment: &Consignment) -> Result<Booking> {
        let Ok(order) = wire::order_request(option_id, consignment) else { return Ok(Booking::Refused) };
        let url = self.endpoint("services/shipment/order/?ver=1.5")?;
        let answer: OrderAnswer = self.send(self.http.post(url).json(&order)).await?;
        Ok(match wire::read_order(&answer) {
            Some(tracking_code) => Booking::Booked { tracking_code, tracking: Tracking::Webhook },
            None => Booking::Refused,
        })
    }

    fn endpoint(&self, path: &str) -> Result<Url> {
        self.base_url.join(path).map_err(|error| Error::internal("making a URL of GHTK", error))
    }

    async fn send<T: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T> {
        let fault = |error: reqwest::Error| Error::internal("asking GHTK", error.without_url());
        let answer = request
            .header("Token", self.token.expose_secret())
            .header("X-Client-Source", &self.partner_code)
            .send()
            .await
            .map_err(fault)?;
        answer.error_for_status().map_err(fault)?.json().await.map_err(fault)
    }
}

impl TransportProvider for Ghtk {
    fn options(&self) -> Vec<ServiceOption> {
        let option = |id: &str, name: &str, description: &str, position| ServiceOption {
            id: id.to_owned(),
            category: OptionCategory::Transport,
            provider: "ghtk".to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            position,
        };
        vec![
            option("ghtk-express", "GHTK Express", "Within hours, inside one city.", 20),
            option("ghtk-standard", "GHTK Standard", "By air where there is a flight.", 30),
            option("ghtk-economy", "GHTK Economy", "By road.", 40),
        ]
    }

    fn quote<'a>(&'a self, option_id: &'a str, route: &'a Route, parcel: &'a Parcel) -> BoxFuture<'a, Result<Quote>> {
        Box::pin(self.fee(option_id, route, parcel))
    }

    fn ship<'a>(&'a self, option_id: &'a str, consignment: &'a Consignment) -> BoxFuture<'a, Result<Booking>> {
        Box::pin(self.order(option_id, consignment))
    }
}
