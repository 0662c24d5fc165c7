//! VNPay, protocol version 2.1.0: the redirect to its payment page, the reports it sends back, and its merchant API.
//!
//! Everything here is pure, but for what carries `querydr` and `refund` over HTTP. Amounts travel as hundredths of a đồng, times in Vietnam's time zone, and every message is
//! signed with HMAC-SHA512 over its sorted, URL-encoded parameters. A signature is verified before anything else of a
//! message is read.

pub(crate) mod query;
pub(crate) mod refund;
pub(crate) mod reply;
pub(crate) mod report;
pub(crate) mod signature;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use contracts::common::{OptionCategory, ServiceOption};
use futures::future::BoxFuture;
use kernel::Currency;
use secrecy::SecretString;
use service_kit::{Config, ConfigError, Result};
use url::Url;

use self::signature::Params;
use super::{PaymentProvider, PaymentRequest, PaymentStart, RefundAnswer, RefundRequest, reference};
use crate::providers::{exchanges::Exchanges, required, required_url};

/// The protocol version that this speaks.
pub(crate) const VERSION: &str = "2.1.0";

/// What a merchant needs to speak to VNPay.
#[derive(Clone)]
pub(crate) struct VnPay {
    /// The merchant's terminal code.
    pub(crate) tmn_code: String,
    /// The secret that signs every message.
    pub(crate) hash_secret: SecretString,
    /// The payment page.
    pub(crate) pay_url: Url,
    /// The merchant API (`querydr`, `refund`), when it may be called.
    pub(crate) api_url: Option<Url>,
    /// Where the buyer's browser returns to.
    pub(crate) return_url: Url,
}

impl VnPay {
    /// Reads `VNPAY_TMN_CODE`, `VNPAY_HASH_SECRET`, `VNPAY_PAY_URL`, `VNPAY_RETURN_URL` and optionally
    /// `VNPAY_API_URL`. Without a terminal code VNPay is not offered.
    ///
    /// # Errors
    /// The terminal code is set and something else is missing or unusable.
    pub(crate) fn from_config(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(tmn_code) = config.setting("VNPAY_TMN_CODE") else { return Ok(None) };
        Ok(Some(Self {
            tmn_code: tmn_code.to_owned(),
            hash_secret: required(config, "VNPAY_HASH_SECRET")?.into(),
            pay_url: required_url(config, "VNPAY_PAY_URL")?,
            api_url: config.setting("VNPAY_API_URL").map(|_| required_url(config, "VNPAY_API_URL")).transpose()?,
            return_url: required_url(config, "VNPAY_RETURN_URL")?,
        }))
    }

    /// The signed URL of the payment page for one payment.
    pub(crate) fn pay_url(&self, request: &PaymentRequest) -> String {
        let reference = reference(request.payment_id);
        let mut params = Params::from([
            ("vnp_Version", VERSION.to_owned()),
            ("vnp_Command", "pay".to_owned()),
            ("vnp_TmnCode", self.tmn_code.clone()),
            ("vnp_Amount", amount(request.amount.amount_minor)),
            ("vnp_CreateDate", timestamp(request.created_at)),
            ("vnp_ExpireDate", timestamp(request.expires_at)),
            ("vnp_CurrCode", "VND".to_owned()),
            ("vnp_IpAddr", CLIENT_ADDRESS.to_owned()),
            ("vnp_Locale", "vn".to_owned()),
            ("vnp_OrderInfo", format!("ShopNexus payment {reference}")),
            ("vnp_OrderType", "other".to_owned()),
            ("vnp_ReturnUrl", self.return_url.to_string()),
            ("vnp_TxnRef", reference),
        ]);
        if let Some(code) = bank_code(&request.option_id) {
            params.insert("vnp_BankCode", code.to_owned());
        }
        let query = params.signed(&self.hash_secret);
        format!("{}?{query}", self.pay_url)
    }
}

impl PaymentProvider for VnPay {
    fn options(&self) -> Vec<ServiceOption> {
        let option = |id: &str, name: &str, description: &str, position| ServiceOption {
            id: id.to_owned(),
            category: OptionCategory::Payment,
            provider: "vnpay".to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            position,
        };
        vec![
            option("vnpay-qr", "VNPay QR", "Scan a QR code with a banking app.", 10),
            option("vnpay-bank", "VNPay", "Choose among all banks, cards and wallets of VNPay.", 20),
            option("vnpay-atm", "VNPay ATM", "Pay with a domestic ATM card or bank account.", 30),
        ]
    }

    fn accepts(&self, currency: Currency) -> bool {
        currency == Currency::VND
    }

    fn begin(&self, request: &PaymentRequest) -> PaymentStart {
        PaymentStart::Redirect(self.pay_url(request))
    }

    fn refund<'a>(
        &'a self,
        exchanges: &'a Exchanges,
        request: &'a RefundRequest,
    ) -> BoxFuture<'a, Result<RefundAnswer>> {
        Box::pin(self.pay_back(exchanges, request))
    }
}

/// The field is mandatory and the buyer's address is not forwarded to modules; VNPay only records it.
const CLIENT_ADDRESS: &str = "127.0.0.1";

/// The method that VNPay's page opens with; without one it shows all.
fn bank_code(option_id: &str) -> Option<&'static str> {
    match option_id {
        "vnpay-qr" => Some("VNPAYQR"),
        "vnpay-atm" => Some("VNBANK"),
        _ => None,
    }
}

/// Hundredths of a đồng, which is how VNPay writes amounts.
fn amount(amount_minor: i64) -> String {
    (i128::from(amount_minor) * 100).to_string()
}

/// `yyyyMMddHHmmss`.
const STAMP: &str = "%Y%m%d%H%M%S";

/// A moment as VNPay writes it: in Vietnam.
fn timestamp(at: DateTime<Utc>) -> String {
    at.with_timezone(&vietnam()).format(STAMP).to_string()
}

/// The moment that VNPay has written; `None` when the text is none.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let written = NaiveDateTime::parse_from_str(text, STAMP).ok()?;
    Some(written.and_local_timezone(vietnam()).single()?.with_timezone(&Utc))
}

/// UTC+7, without daylight saving.
fn vietnam() -> FixedOffset {
    FixedOffset::east_opt(7 * 3600).expect("seven hours are a valid offset")
}

#[cfg(test)]
mod tests {
    use kernel::{Money, PaymentId};
    use uuid::Uuid;

    use super::*;

    pub(crate) fn merchant() -> VnPay {
        VnPay {
            tmn_code: "SHOPNX01".to_owned(),
            hash_secret: "0123456789ABCDEF0123456789ABCDEF".to_owned().into(),
            pay_url: "http://127.0.0.1:9/paymentv2/vpcpay.html".parse().unwrap(),
            api_url: None,
            return_url: "http://127.0.0.1:9/webhooks/vnpay/return".parse().unwrap(),
        }
    }

    fn request(option_id: &str) -> PaymentRequest {
        PaymentRequest {
            payment_id: PaymentId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
            option_id: option_id.to_owned(),
            amount: Money::new(150_000, Currency::VND),
            created_at: "2026-01-31T18:30:00Z".parse().unwrap(),
            expires_at: "2026-01-31T18:45:00Z".parse().unwrap(),
        }
    }

    /// The digest was computed with Python's `hmac` and `urllib.parse.quote_plus` over the same parameters.
    #[test]
    fn the_pay_url_is_signed_over_its_sorted_encoded_parameters() {
        let url = merchant().pay_url(&request("vnpay-qr"));
        let (query, digest) = url.split_once("&vnp_SecureHash=").unwrap();
        insta::assert_snapshot!(query, @"http://127.0.0.1:9/paymentv2/vpcpay.html?vnp_Amount=15000000&vnp_BankCode=VNPAYQR&vnp_Command=pay&vnp_CreateDate=20260201013000&vnp_CurrCode=VND&vnp_ExpireDate=20260201014500&vnp_IpAddr=127.0.0.1&vnp_Locale=vn&vnp_OrderInfo=ShopNexus+payment+01900000000070008000000000000001&vnp_OrderType=other&vnp_ReturnUrl=http%3A%2F%2F127.0.0.1%3A9%2Fwebhooks%2Fvnpay%2Freturn&vnp_TmnCode=SHOPNX01&vnp_TxnRef=01900000000070008000000000000001&vnp_Version=2.1.0");
        assert_eq!(
            digest,
            "e7811720e9a47a2ab8052653f826faefc04f45aa7758f000c5f74c9ac14500129533b8ffb0e3a64aabb11ff9eeb5283074aff8b24e97356ed8070462201b87ca"
        );
    }

    #[test]
    fn the_method_decides_what_the_page_opens_with() {
        assert!(merchant().pay_url(&request("vnpay-atm")).contains("vnp_BankCode=VNBANK"));
        assert!(!merchant().pay_url(&request("vnpay-bank")).contains("vnp_BankCode"));
    }

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        let at: DateTime<Utc> = "2026-01-31T18:30:00Z".parse().unwrap();
        assert_eq!(timestamp(at), "20260201013000");
        assert_eq!(moment("20260201013000"), Some(at));
        for text in ["", "20260201", "20261301013000", "yesterday"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn only_dong_is_accepted() {
        assert!(merchant().accepts(Currency::VND));
        assert!(!merchant().accepts(Currency::USD));
    }
}
