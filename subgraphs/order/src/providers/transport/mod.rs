//! Ways to ship: a table of rates that works with no network, and GHTK.

pub(crate) mod ghtk;
pub(crate) mod table_rate;
pub(crate) mod zone;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use contracts::{account::Contact, common::ServiceOption};
use futures::future::BoxFuture;
use kernel::Money;
use serde::{Deserialize, Serialize};
use service_kit::{Config, ConfigError, Result};
use uuid::Uuid;

use self::{ghtk::Ghtk, table_rate::TableRate};
use crate::providers::exchanges::Exchanges;

/// A way to ship.
pub(crate) trait TransportProvider: Send + Sync {
    /// The options it offers, each selectable by its id.
    fn options(&self) -> Vec<ServiceOption>;

    /// What it costs to carry a parcel. A refusal is an answer; an error is a carrier that cannot be asked now.
    fn quote<'a>(&'a self, option_id: &'a str, route: &'a Route, parcel: &'a Parcel) -> BoxFuture<'a, Result<Quote>>;

    /// Hands a parcel over to the carrier. The same reference again gives the same answer.
    fn ship<'a>(&'a self, option_id: &'a str, consignment: &'a Consignment) -> BoxFuture<'a, Result<Booking>>;

    /// Takes a parcel back that was handed over and has not left. The same code again gives the same answer; an error is
    /// a carrier that cannot be asked now.
    fn cancel<'a>(&'a self, tracking_code: &'a str) -> BoxFuture<'a, Result<Cancellation>>;

    /// The label to stick on a parcel, as PDF. `None` when the carrier prints none for it; an error is a carrier that
    /// cannot be asked now.
    fn label<'a>(&'a self, tracking_code: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;
}

/// From where to where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Route {
    /// Where the seller hands the parcel over; `None` when the seller has no address yet.
    pub(crate) from: Option<Contact>,
    /// Where it goes.
    pub(crate) to: Contact,
}

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parcel {
    /// Weight of the whole parcel.
    pub(crate) weight_grams: i64,
    /// What the goods are worth; its currency is the one the cost is in.
    pub(crate) value: Money,
}

/// What it costs, or why it cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Quote {
    /// The cost, in the currency of the parcel's value.
    Cost(Money),
    /// The carrier does not take it.
    Refused(QuoteRefusal),
}

/// Why a carrier does not take a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum QuoteRefusal {
    /// No provider offers this option.
    UnknownOption,
    /// It has no rates in this currency.
    Currency,
    /// The seller has no address to pick up from.
    NoPickupAddress,
    /// An address does not say what the carrier must know.
    Address,
    /// The carrier does not serve this route or this weight.
    NotServed,
}

/// A parcel to hand over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Consignment {
    /// The id of the order, or of the refund whose goods go back: the carrier's reference. The same one is never carried
    /// twice.
    pub(crate) reference: Uuid,
    /// The way it goes.
    pub(crate) route: Route,
    /// What it is.
    pub(crate) parcel: Parcel,
    /// What the carrier collects at the door; zero when it is paid.
    pub(crate) collect: Money,
    /// How the carrier gets it.
    pub(crate) hand_in: HandIn,
}

/// How a carrier gets a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HandIn {
    /// The carrier fetches it from the sender.
    Fetched,
    /// The sender brings it to the carrier.
    Brought,
}

/// What became of a parcel that was to be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Booking {
    /// The carrier takes it.
    Booked {
        /// Under this code.
        tracking_code: String,
        /// How its way becomes known.
        tracking: Tracking,
    },
    /// The carrier does not take it, for good.
    Refused,
}

/// What became of a parcel that was to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cancellation {
    /// The carrier does not come for it any more.
    Cancelled,
    /// The carrier does not let go of it, for good: it has it already.
    Refused,
}

/// How the way of a parcel becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tracking {
    /// A clock moves it, one state each interval.
    Clock(Duration),
    /// The carrier reports by webhook.
    Webhook,
}

/// The transport providers of this installation, by option.
pub(crate) struct TransportProviders {
    by_option: BTreeMap<String, Arc<dyn TransportProvider>>,
    options: Vec<ServiceOption>,
    ghtk: Option<Arc<Ghtk>>,
}

impl TransportProviders {
    /// The table of rates always, GHTK when it has a token.
    ///
    /// # Errors
    /// A setting is there and unusable.
    pub(crate) fn from_config(config: &Config, exchanges: &Exchanges) -> Result<Self, ConfigError> {
        Ok(Self::new(TableRate::from_config(config)?, Ghtk::from_config(config, exchanges)?))
    }

    /// These providers.
    pub(crate) fn new(table_rate: TableRate, ghtk: Option<Ghtk>) -> Self {
        let ghtk = ghtk.map(Arc::new);
        let mut providers = Self { by_option: BTreeMap::new(), options: Vec::new(), ghtk: ghtk.clone() };
        providers.add(Arc::new(table_rate));
        if let Some(ghtk) = ghtk {
            providers.add(ghtk);
        }
        providers
    }

    fn add(&mut self, provider: Arc<dyn TransportProvider>) {
        for option in provider.options() {
            self.by_option.insert(option.id.clone(), provider.clone());
            self.options.push(option);
        }
    }

    /// The provider of an option, if the option is offered.
    pub(crate) fn get(&self, option_id: &str) -> Option<&dyn TransportProvider> {
        self.by_option.get(option_id).map(AsRef::as_ref)
    }

    /// GHTK, whose reports this installation can verify when it has the credentials.
    pub(crate) fn ghtk(&self) -> Option<&Ghtk> {
        self.ghtk.as_deref()
    }

    /// What it costs to carry a parcel by an option.
    ///
    /// # Errors
    /// The carrier cannot be asked now.
    pub(crate) async fn quote(&self, option_id: &str, route: &Route, parcel: &Parcel) -> Result<Quote> {
        match self.get(option_id) {
            Some(provider) => provider.quote(option_id, route, parcel).await,
            None => Ok(Quote::Refused(QuoteRefusal::UnknownOption)),
        }
    }

    /// Every option offered.
    pub(crate) fn options(&self) -> Vec<ServiceOption> {
        self.options.clone()
    }
}
