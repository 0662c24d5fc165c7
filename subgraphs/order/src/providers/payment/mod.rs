//! Ways to pay: VNPay, which takes the buyer to a page of its own, and cash on delivery.

pub(crate) mod cod;
pub(crate) mod vnpay;

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use contracts::common::ServiceOption;
use futures::future::BoxFuture;
use kernel::{Currency, Money, PaymentId};
use serde::{Deserialize, Serialize};
use service_kit::{Config, ConfigError, Result};
use uuid::Uuid;

use self::{cod::CashOnDelivery, vnpay::VnPay};
use crate::providers::exchanges::Exchanges;

/// A way to pay.
pub(crate) trait PaymentProvider: Send + Sync {
    /// The options it offers, each selectable by its id.
    fn options(&self) -> Vec<ServiceOption>;

    /// Whether it can take money of this currency.
    fn accepts(&self, currency: Currency) -> bool;

    /// Begins a payment. It is pure: the same request gives the same start.
    fn begin(&self, request: &PaymentRequest) -> PaymentStart;

    /// Pays captured money back. The same request again pays once; an error is an exchange that could not be kept.
    fn refund<'a>(
        &'a self,
        exchanges: &'a Exchanges,
        request: &'a RefundRequest,
    ) -> BoxFuture<'a, Result<RefundAnswer>>;
}

/// Captured money to pay back.
#[derive(Debug, Clone)]
pub(crate) struct RefundRequest {
    /// Identity of the request.
    pub(crate) request_id: Uuid,
    /// What the exchange is kept under: the payment that captured it, or the stray payment that it is.
    pub(crate) subject_id: Uuid,
    /// What the provider knows the payment by.
    pub(crate) reference: String,
    /// The provider's own number of the capture.
    pub(crate) transaction: String,
    /// How much goes back.
    pub(crate) amount: Money,
    /// Whether that is the whole payment.
    pub(crate) is_whole: bool,
    /// When the payment was asked for, or made where nobody here had asked for it.
    pub(crate) paid_at: DateTime<Utc>,
    /// The time of the request.
    pub(crate) now: DateTime<Utc>,
    /// Whether no request of this identity can have reached the provider before.
    pub(crate) is_first: bool,
}

/// What a provider says to a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundAnswer {
    /// The money is on its way to the buyer's bank, under the provider's own number.
    PaidBack { transaction: String },
    /// It does not pay it back, by its own code.
    Refused { code: String },
    /// It cannot be asked now, or its answer cannot be trusted: the same request is to be made again.
    Unreachable,
    /// It has no way to pay back.
    NotPossible,
}

/// What providers know a payment by: its id without hyphens, since references are alphanumeric.
pub(crate) fn reference(payment_id: PaymentId) -> String {
    payment_id.uuid().simple().to_string()
}

/// A payment to begin.
#[derive(Debug, Clone)]
pub(crate) struct PaymentRequest {
    /// The payment; its [`reference`] is what the provider sends back.
    pub(crate) payment_id: PaymentId,
    /// The option the buyer chose.
    pub(crate) option_id: String,
    /// What is to be paid.
    pub(crate) amount: Money,
    /// When it was asked for.
    pub(crate) created_at: DateTime<Utc>,
    /// Until when it can be paid.
    pub(crate) expires_at: DateTime<Utc>,
}

/// How a payment goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PaymentStart {
    /// The buyer is sent to this URL; the provider reports the result.
    Redirect(String),
    /// Nothing happens until the parcel is handed over.
    OnDelivery,
    /// Nothing is due.
    Free,
}

/// The payment providers of this installation, by option.
pub(crate) struct PaymentProviders {
    by_option: BTreeMap<String, Arc<dyn PaymentProvider>>,
    options: Vec<ServiceOption>,
    vnpay: Option<Arc<VnPay>>,
}

impl PaymentProviders {
    /// Cash on delivery always, VNPay when it has credentials.
    ///
    /// # Errors
    /// VNPay is configured in part.
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self::new(VnPay::from_config(config)?))
    }

    /// Cash on delivery, and VNPay when given.
    pub(crate) fn new(vnpay: Option<VnPay>) -> Self {
        let vnpay = vnpay.map(Arc::new);
        let mut providers = Self { by_option: BTreeMap::new(), options: Vec::new(), vnpay: vnpay.clone() };
        if let Some(vnpay) = vnpay {
            providers.add(vnpay);
        }
        providers.add(Arc::new(CashOnDelivery));
        providers
    }

    fn add(&mut self, provider: Arc<dyn PaymentProvider>) {
        for option in provider.options() {
            self.by_option.insert(option.id.clone(), provider.clone());
            self.options.push(option);
        }
    }

    /// The provider of an option, if the option is offered.
    pub(crate) fn get(&self, option_id: &str) -> Option<&dyn PaymentProvider> {
        self.by_option.get(option_id).map(AsRef::as_ref)
    }

    /// VNPay, whose reports this installation can verify when it has the credentials.
    pub(crate) fn vnpay(&self) -> Option<&VnPay> {
        self.vnpay.as_deref()
    }

    /// Every option offered.
    pub(crate) fn options(&self) -> Vec<ServiceOption> {
        self.options.clone()
    }
}
