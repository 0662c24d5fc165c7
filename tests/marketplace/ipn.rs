//! Reports of VNPay that a test writes and signs itself, for what no button of the sandbox says.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha512;
use test_kit::Stack;
use url::{Url, form_urlencoded};

use crate::stage::id;

/// The fields of a report, in the order in which they are signed.
pub(crate) type Report = BTreeMap<&'static str, String>;

/// The report that all of a payment was captured, by a transaction of this number.
pub(crate) fn captured(payment: &Value, transaction: &str) -> Report {
    let page = Url::parse(&id(&payment["redirectUrl"])).expect("the page of a payment is a URL");
    let asked: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
    Report::from([
        ("vnp_TmnCode", asked["vnp_TmnCode"].clone()),
        ("vnp_Amount", asked["vnp_Amount"].clone()),
        ("vnp_BankCode", "NCB".to_owned()),
        ("vnp_PayDate", asked["vnp_CreateDate"].clone()),
        ("vnp_OrderInfo", asked["vnp_OrderInfo"].clone()),
        ("vnp_TransactionNo", transaction.to_owned()),
        ("vnp_ResponseCode", "00".to_owned()),
        ("vnp_TransactionStatus", "00".to_owned()),
        ("vnp_TxnRef", asked["vnp_TxnRef"].clone()),
    ])
}

/// A report as a query string with the provider's signature.
pub(crate) fn signed(stack: &Stack, report: &Report) -> String {
    let secrets = std::fs::read(stack.data_dir().join("secrets.json")).expect("the secrets are kept in a file");
    let secrets: Value = serde_json::from_slice(&secrets).expect("the secrets are JSON");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(report).finish();
    let secret = id(&secrets["vnpay_hash_secret"]);
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(query.as_bytes());
    format!("{query}&vnp_SecureHash={}", hex::encode(mac.finalize().into_bytes()))
}

/// Which of VNPay's codes the marketplace answers to the query string of a report.
pub(crate) async fn answer(stack: &Stack, query: &str) -> String {
    let url = format!("{}/webhooks/vnpay/ipn?{query}", stack.module_url("order"));
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    id(&answer["RspCode"])
}
