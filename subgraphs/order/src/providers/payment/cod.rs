//! Cash on delivery: the carrier collects the money when it hands the parcel over.

use contracts::common::{OptionCategory, ServiceOption};
use futures::future::BoxFuture;
use kernel::Currency;
use service_kit::Result;

use super::{PaymentProvider, PaymentRequest, PaymentStart, RefundAnswer, RefundRequest};
use crate::providers::exchanges::Exchanges;

/// The id of the only option.
pub(crate) const OPTION: &str = "cod";

/// Cash on delivery.
pub(crate) struct CashOnDelivery;

impl PaymentProvider for CashOnDelivery {
    fn options(&self) -> Vec<ServiceOption> {
        vec![ServiceOption {
            id: OPTION.to_owned(),
            category: OptionCategory::Payment,
            provider: "cod".to_owned(),
            name: "Cash on delivery".to_owned(),
            description: "Pay the carrier when the parcel arrives.".to_owned(),
            position: 40,
        }]
    }

    fn accepts(&self, _: Currency) -> bool {
        true
    }

    fn begin(&self, _: &PaymentRequest) -> PaymentStart {
        PaymentStart::OnDelivery
    }

    fn refund<'a>(&'a self, _: &'a Exchanges, _: &'a RefundRequest) -> BoxFuture<'a, Result<RefundAnswer>> {
        Box::pin(async { Ok(RefundAnswer::NotPossible) })
    }
}
