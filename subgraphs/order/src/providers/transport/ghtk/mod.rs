//! GHTK (Giao Hàng Tiết Kiệm), a Vietnamese carrier: fee, order, cancellation, label, and status reports.
//!
//! The mapping in [`wire`] is pure; here is only what carries it over HTTP.

pub(crate) mod wire;

use contracts::common::{OptionCategory, ServiceOption};
use futures::future::BoxFuture;
use kernel::Currency;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Config, ConfigError, Error, Result};
use url::Url;
use uuid::Uuid;

use self::wire::{CancelAnswer, FeeAnswer, OrderAnswer};
use super::{Booking, Cancellation, Consignment, Parcel, Quote, QuoteRefusal, Route, Tracking, TransportProvider};
use crate::providers::{
    exchanges::{About, Exchanges},
    required, required_url,
};

/// What a partner needs to speak to GHTK.
pub(crate) struct Ghtk {
    base_url: Url,
    token: SecretString,
    partner_code: String,
    webhook_secret: SecretString,
    exchanges: Exchanges,
}

impl Ghtk {
    /// Reads `GHTK_TOKEN`, `GHTK_URL`, `GHTK_PARTNER_CODE` and `GHTK_WEBHOOK_SECRET`. Without a token GHTK is not
    /// offered.
    ///
    /// # Errors
    /// The token is set and something else is missing or unusable.
    pub(crate) fn from_config(config: &Config, exchanges: &Exchanges) -> Result<Option<Self>, ConfigError> {
        let Some(token) = config.setting("GHTK_TOKEN") else { return Ok(None) };
        Ok(Some(Self {
            base_url: required_url(config, "GHTK_URL")?,
            token: token.to_owned().into(),
            partner_code: required(config, "GHTK_PARTNER_CODE")?,
            webhook_secret: required(config, "GHTK_WEBHOOK_SECRET")?.into(),
            exchanges: exchanges.clone(),
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
        let request = self.exchanges.http().get(url).query(&query);
        let answer: FeeAnswer = self.send(("fee", None), request, &query).await?;
        Ok(wire::read_fee(&answer))
    }

    async fn order(&self, option_id: &str, consignment: &Consignment) -> Result<Booking> {
        let Ok(order) = wire::order_request(option_id, consignment) else { return Ok(Booking::Refused) };
        let url = self.endpoint("services/shipment/order/?ver=1.5")?;
        let request = self.exchanges.http().post(url).json(&order);
        let answer: OrderAnswer = self.send(("order", Some(consignment.reference)), request, &order).await?;
        Ok(match wire::read_order(&answer) {
            Some(tracking_code) => Booking::Booked { tracking_code, tracking: Tracking::Webhook },
            None => Booking::Refused,
        })
    }

    async fn withdraw(&self, tracking_code: &str) -> Result<Cancellation> {
        let mut url = self.endpoint("services/shipment/cancel/")?;
        url.path_segments_mut()
            .map_err(|()| Error::broken("the URL of GHTK has a path"))?
            .pop_if_empty()
            .push(tracking_code);
        let request = self.exchanges.http().post(url);
        let answer: CancelAnswer = self.send(("cancel", None), request, &parcel(tracking_code)).await?;
        Ok(wire::read_cancel(&answer))
    }

    /// `GET /services/label/{code}` answers with a PDF, or with JSON when there is none.
    async fn print(&self, tracking_code: &str) -> Result<Option<Vec<u8>>> {
        let mut url = self.endpoint("services/label/")?;
        url.path_segments_mut()
            .map_err(|()| Error::broken("the URL of GHTK has a path"))?
            .pop_if_empty()
            .push(tracking_code);
        let request = self.exchanges.http().get(url).query(&[("original", "portrait"), ("page_size", "A6")]);
        let body = self.ask(("label", None), request, &parcel(tracking_code)).await?;
        Ok(wire::read_label(&body).map(<[u8]>::to_vec))
    }

    fn endpoint(&self, path: &str) -> Result<Url> {
        self.base_url.join(path).map_err(|error| Error::internal("making a URL of GHTK", error))
    }

    /// What an exchange with GHTK is about.
    pub(crate) fn about<'a>(
        operation: &'static str,
        subject_id: Option<Uuid>,
        secrets: &'a [&'a SecretString; 2],
    ) -> About<'a> {
        About { provider: "ghtk", operation, subject_id, secrets }
    }

    /// What the two sides share and nobody else may see.
    pub(crate) fn secrets(&self) -> [&SecretString; 2] {
        [&self.token, &self.webhook_secret]
    }

    async fn send<T: serde::de::DeserializeOwned>(
        &self,
        what: (&'static str, Option<Uuid>),
        request: reqwest::RequestBuilder,
        said: &(impl serde::Serialize + Sync),
    ) -> Result<T> {
        let body = self.ask(what, request, said).await?;
        serde_json::from_slice(&body).map_err(|error| Error::internal("reading an answer of GHTK", error))
    }

    async fn ask(
        &self,
        (operation, subject_id): (&'static str, Option<Uuid>),
        request: reqwest::RequestBuilder,
        said: &(impl serde::Serialize + Sync),
    ) -> Result<Vec<u8>> {
        let request = request.header("Token", self.token.expose_secret()).header("X-Client-Source", &self.partner_code);
        let said = serde_json::to_value(said).map_err(|error| Error::internal("writing a request to GHTK", error))?;
        let secrets = self.secrets();
        self.exchanges.ask(Self::about(operation, subject_id, &secrets), request, said).await?.map_err(fault)
    }
}

/// What is kept of a request that names a parcel in its path.
fn parcel(tracking_code: &str) -> serde_json::Value {
    serde_json::json!({ "label": tracking_code })
}

fn fault(error: reqwest::Error) -> Error {
    Error::internal("asking GHTK", error.without_url())
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

    fn cancel<'a>(&'a self, tracking_code: &'a str) -> BoxFuture<'a, Result<Cancellation>> {
        Box::pin(self.withdraw(tracking_code))
    }

    fn label<'a>(&'a self, tracking_code: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(self.print(tracking_code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use axum::{
        Json, Router,
        extract::{Path, RawQuery},
        http::HeaderMap,
        routing::{get, post},
    };
    use contracts::account::Contact;
    use kernel::Money;
    use serde_json::{Value, json};
    use tokio::net::TcpListener;

    use super::{super::HandIn, *};
    use crate::tests::samples::database;

    /// A GHTK that answers as its documentation says, to those who bring the token.
    async fn carrier() -> Ghtk {
        let is_partner = |headers: &HeaderMap| headers["Token"] == "secret" && headers["X-Client-Source"] == "S1";
        let fee = async move |headers: HeaderMap, RawQuery(query): RawQuery| -> Json<Value> {
            let express = query.unwrap_or_default().contains("deliver_option=xteam");
            Json(
                json!({"success": is_partner(&headers), "fee": {"fee": 30_400, "insurance_fee": 0, "delivery": !express}}),
            )
        };
        let order = async move |headers: HeaderMap, Json(body): Json<Value>| -> Json<Value> {
            let label = format!("S1.A1.{}", body["order"]["pick_money"]);
            Json(json!({"success": is_partner(&headers), "order": {"partner_id": body["order"]["id"], "label": label}}))
        };
        let cancel = async move |headers: HeaderMap, Path(label): Path<String>| -> Json<Value> {
            Json(json!({"success": is_partner(&headers) && label == "S1.A1/2", "message": "", "log_id": "1"}))
        };
        let label = async move |headers: HeaderMap, Path(label): Path<String>| -> Vec<u8> {
            if is_partner(&headers) && label == "S1.A1/2" {
                b"%PDF-1.4 label".to_vec()
            } else {
                br#"{"success": false, "message": "not found"}"#.to_vec()
            }
        };
        let app = Router::new()
            .route("/services/label/{label}", get(label))
            .route("/services/shipment/fee", get(fee))
            .route("/services/shipment/order/", post(order))
            .route("/services/shipment/cancel/{label}", post(cancel));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ghtk {
            base_url: url.parse().unwrap(),
            token: "secret".to_owned().into(),
            partner_code: "S1".to_owned(),
            webhook_secret: "hook".to_owned().into(),
            exchanges: Exchanges::new(&reqwest::Client::new(), &database().await),
        }
    }

    fn consignment() -> Consignment {
        let contact = |address: &str| Contact {
            contact_id: None,
            full_name: "An".to_owned(),
            phone: "+84911222333".to_owned(),
            address: address.to_owned(),
            latitude: None,
            longitude: None,
        };
        Consignment {
            reference: Uuid::nil(),
            route: Route {
                from: Some(contact("590 CMT8, Quận 3, TP. Hồ Chí Minh")),
                to: contact("12 Tràng Tiền, Hoàn Kiếm, Hà Nội"),
            },
            parcel: Parcel { weight_grams: 500, value: Money::new(300_000, Currency::VND) },
            collect: Money::new(345_000, Currency::VND),
            hand_in: HandIn::Fetched,
        }
    }

    #[tokio::test]
    async fn a_fee_is_asked_over_http() {
        let ghtk = carrier().await;
        let Consignment { route, mut parcel, .. } = consignment();
        let quote = ghtk.quote("ghtk-economy", &route, &parcel).await.unwrap();
        assert_eq!(quote, Quote::Cost(Money::new(30_400, Currency::VND)));
        let quote = ghtk.quote("ghtk-express", &route, &parcel).await.unwrap();
        assert_eq!(quote, Quote::Refused(QuoteRefusal::NotServed));
        parcel.value = Money::new(1_000, Currency::USD);
        let quote = ghtk.quote("ghtk-economy", &route, &parcel).await.unwrap();
        assert_eq!(quote, Quote::Refused(QuoteRefusal::Currency));
    }

    #[tokio::test]
    async fn a_parcel_is_handed_over_with_what_to_collect() {
        let booking = carrier().await.ship("ghtk-economy", &consignment()).await.unwrap();
        let tracking_code = "S1.A1.345000".to_owned();
        assert_eq!(booking, Booking::Booked { tracking_code, tracking: Tracking::Webhook });
    }

    #[tokio::test]
    async fn a_parcel_is_called_back_by_its_code_until_the_carrier_has_it() {
        let ghtk = carrier().await;
        assert_eq!(ghtk.cancel("S1.A1/2").await.unwrap(), Cancellation::Cancelled);
        assert_eq!(ghtk.cancel("S1.A1/3").await.unwrap(), Cancellation::Refused);
    }

    #[tokio::test]
    async fn a_label_is_a_pdf_or_there_is_none() {
        let ghtk = carrier().await;
        assert_eq!(ghtk.label("S1.A1/2").await.unwrap().as_deref(), Some(&b"%PDF-1.4 label"[..]));
        assert_eq!(ghtk.label("S1.A1/3").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_carrier_that_cannot_be_asked_is_a_fault_without_its_address() {
        let ghtk = Ghtk { base_url: "http://127.0.0.1:9/".parse().unwrap(), ..carrier().await };
        let Consignment { route, parcel, .. } = consignment();
        let error = ghtk.quote("ghtk-economy", &route, &parcel).await.unwrap_err();
        let Error::Internal(fault) = error else { panic!("{error:?}") };
        assert!(!fault.chain().contains("127.0.0.1:9/services"), "{}", fault.chain());
    }

    #[tokio::test]
    async fn half_of_its_credentials_are_none() {
        let mut variables: HashMap<String, String> = [
            ("DATABASE_URL", "postgres://owner@127.0.0.1/shop"),
            ("MODULE_ROLE_SECRET", "secret"),
            ("REDIS_URL", "redis://127.0.0.1"),
            ("RESTATE_INGRESS_URL", "http://127.0.0.1:1"),
            ("RESTATE_ADMIN_URL", "http://127.0.0.1:1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let exchanges = Exchanges::new(&reqwest::Client::new(), &database().await);
        let read = |variables: &HashMap<String, String>| {
            Ghtk::from_config(&Config::from_variables(variables.clone()).unwrap(), &exchanges)
        };
        assert!(read(&variables).unwrap().is_none());
        variables.insert("GHTK_TOKEN".to_owned(), "secret".to_owned());
        let error = read(&variables).err().unwrap().to_string();
        assert!(error.starts_with("GHTK_URL is not set"), "{error}");
    }
}
