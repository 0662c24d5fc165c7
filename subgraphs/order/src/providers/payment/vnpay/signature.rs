//! VNPay's signature: HMAC-SHA512 over the parameters, sorted by name and URL-encoded, as lowercase hexadecimal.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha512;
use url::form_urlencoded;

/// The parameter that carries the signature, which does not sign itself.
const HASH: &str = "vnp_SecureHash";
/// Named the algorithm in earlier versions, and was not signed either.
const HASH_TYPE: &str = "vnp_SecureHashType";

/// The parameters of a message, sorted by name. Empty ones are left out, as VNPay does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl<const N: usize> From<[(&str, String); N]> for Params {
    fn from(params: [(&str, String); N]) -> Self {
        let mut sorted = Self::default();
        for (name, value) in params {
            sorted.insert(name, value);
        }
        sorted
    }
}

impl Params {
    /// Sets a parameter; an empty value leaves it out.
    pub(crate) fn insert(&mut self, name: &str, value: String) {
        if !value.is_empty() {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// A parameter's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The query string with its signature at the end.
    pub(crate) fn signed(&self, secret: &SecretString) -> String {
        let query = self.query();
        let digest = hex::encode(digest(secret, &query).finalize().into_bytes());
        format!("{query}&{HASH}={digest}")
    }

    /// Reads a query string whose signature is right. `None` when it is not, when a parameter stands twice (which of
    /// the two was signed would be a guess), or when there is no signature.
    pub(crate) fn verified(query: &str, secret: &SecretString) -> Option<Self> {
        let mut params = Self::default();
        let mut signature = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                HASH if signature.is_some() => return None,
                HASH => signature = Some(value.into_owned()),
                HASH_TYPE => {}
                // Anything a proxy adds is neither signed nor read.
                name if !name.starts_with("vnp_") || value.is_empty() => {}
                name if params.0.contains_key(name) => return None,
                name => params.insert(name, value.into_owned()),
            }
        }
        let signature = hex::decode(signature?).ok()?;
        // The comparison takes the same time wherever the two differ.
        digest(secret, &params.query()).verify_slice(&signature).ok()?;
        Some(params)
    }

    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// Starts a digest of `text` under the merchant's secret.
pub(crate) fn digest(secret: &SecretString, text: &str) -> Hmac<Sha512> {
    let mut mac =
        Hmac::<Sha512>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret() -> SecretString {
        "0123456789ABCDEF0123456789ABCDEF".to_owned().into()
    }

    #[test]
    fn a_changed_parameter_breaks_the_signature() {
        let query = Params::from([("vnp_Amount", "1000".to_owned()), ("vnp_TxnRef", "a".to_owned())]).signed(&secret());
        assert!(Params::verified(&query, &secret()).is_some());
        assert_eq!(Params::verified(&query.replace("1000", "1001"), &secret()), None);
        assert_eq!(Params::verified(&query, &"another".to_owned().into()), None);
    }

    #[test]
    fn a_missing_or_malformed_signature_is_refused() {
        for query in ["", "vnp_Amount=1", "vnp_Amount=1&vnp_SecureHash=", "vnp_Amount=1&vnp_SecureHash=zz"] {
            assert_eq!(Params::verified(query, &secret()), None, "{query}");
        }
    }

    #[test]
    fn a_doubled_parameter_is_refused() {
        let query = Params::from([("vnp_Amount", "1000".to_owned())]).signed(&secret());
        assert_eq!(Params::verified(&format!("vnp_Amount=1&{query}"), &secret()), None);
    }

    #[test]
    fn parameters_of_others_are_not_read() {
        let query = Params::from([("vnp_Amount", "1000".to_owned())]).signed(&secret());
        let read = Params::verified(&format!("{query}&utm_source=mail"), &secret()).unwrap();
        assert_eq!(read.get("utm_source"), None);
        assert_eq!(read.get("vnp_Amount"), Some("1000"));
    }

    proptest! {
        #[test]
        fn what_is_signed_is_verified_and_read_back(value in "[^\\x00]{1,40}", other in "[ -~]{1,20}") {
            let params = Params::from([("vnp_OrderInfo", value), ("vnp_BankCode", other)]);
            prop_assert_eq!(Params::verified(&params.signed(&secret()), &secret()), Some(params));
        }
    }
}
