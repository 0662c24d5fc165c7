//! How VNPay signs: HMAC-SHA512, in hexadecimal.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::Sha512;
use url::form_urlencoded;

/// The parameters of a message, sorted by name.
pub(super) type Params = BTreeMap<String, String>;

/// Reads a query string.
pub(super) fn read(query: &str) -> Params {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The sorted query string of the parameters that VNPay signs.
pub(super) fn query(params: &Params) -> String {
    let mut text = String::new();
    for (name, value) in params {
        if name.starts_with("vnp_") && !name.starts_with("vnp_SecureHash") && !value.is_empty() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(&encoded(name));
            text.push('=');
            text.push_str(&encoded(value));
        }
    }
    text
}

/// The query string with its signature at the end.
pub(super) fn signed(params: &Params, secret: &str) -> String {
    let query = query(params);
    let digest = digest(secret, &query);
    format!("{query}&vnp_SecureHash={digest}")
}

/// Whether the parameters bear the right signature.
pub(super) fn is_signed(params: &Params, secret: &str) -> bool {
    let expected = digest(secret, &query(params));
    params.get("vnp_SecureHash").is_some_and(|given| given.eq_ignore_ascii_case(&expected))
}

/// The signature of a text.
pub(super) fn digest(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest was computed with Python's `hmac` and `urllib.parse.quote_plus`.
    #[test]
    fn a_report_is_signed_as_vnpay_signs_it() {
        let report = "vnp_Amount=15000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14226112&vnp_CardType=ATM&vnp_OrderInfo=ShopNexus+payment+01900000000070008000000000000001&vnp_PayDate=20260201013210&vnp_ResponseCode=00&vnp_TmnCode=SHOPNX01&vnp_TransactionNo=14226112&vnp_TransactionStatus=00&vnp_TxnRef=01900000000070008000000000000001";
        let signed = signed(&read(report), "0123456789ABCDEF0123456789ABCDEF");
        let digest = "f615a6c3207f8ff222db02593672ec62513aac270795fa0fc74ce487720e7515450f864720078fb92236eb046557cfb3e0de9359d99a6fb6681bd74569c4c7d0";
        assert_eq!(signed, format!("{report}&vnp_SecureHash={digest}"));
        assert!(is_signed(&read(&signed), "0123456789ABCDEF0123456789ABCDEF"));
        assert!(!is_signed(&read(&signed.replace("Amount=1", "Amount=2")), "0123456789ABCDEF0123456789ABCDEF"));
    }
}
