//! `querydr`: what became of a payment, as VNPay answers it.

use serde_json::{Map, Value};

use super::{act::Bank, signature::digest};

/// The fields of a request, in the order in which they are signed.
const ASKED: [&str; 9] = [
    "vnp_RequestId",
    "vnp_Version",
    "vnp_Command",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_TransactionDate",
    "vnp_CreateDate",
    "vnp_IpAddr",
    "vnp_OrderInfo",
];

/// The fields of an answer, in the order in which they are signed.
const ANSWERED: [&str; 15] = [
    "vnp_ResponseId",
    "vnp_Command",
    "vnp_ResponseCode",
    "vnp_Message",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_BankCode",
    "vnp_PayDate",
    "vnp_TransactionNo",
    "vnp_TransactionType",
    "vnp_TransactionStatus",
    "vnp_OrderInfo",
    "vnp_PromotionCode",
    "vnp_PromotionAmount",
];

/// Answers a request.
pub(super) fn answer(bank: &Bank, request: &Map<String, Value>) -> Map<String, Value> {
    let secret = &bank.merchant.secret;
    let reference = text(request, "vnp_TxnRef");
    let transaction = bank.transaction(&reference, &text(request, "vnp_TransactionNo"));
    let (code, message) = if text(request, "vnp_SecureHash") != pipe_digest(secret, request, &ASKED) {
        ("97", "Invalid Signature")
    } else if transaction.is_none() {
        ("91", "Transaction not found")
    } else {
        ("00", "QueryDR Success")
    };
    let mut answer = Map::new();
    let mut set = |name: &str, value: &str| _ = answer.insert(name.to_owned(), Value::from(value));
    set("vnp_ResponseId", &text(request, "vnp_RequestId"));
    set("vnp_Command", "querydr");
    set("vnp_ResponseCode", code);
    set("vnp_Message", message);
    set("vnp_TmnCode", &bank.merchant.tmn_code);
    set("vnp_TxnRef", &reference);
    if let Some(transaction) = transaction.filter(|_| code == "00") {
        let paid = transaction.result == "00";
        set("vnp_Amount", &transaction.amount);
        set("vnp_BankCode", "NCB");
        set("vnp_PayDate", &transaction.date);
        set("vnp_TransactionNo", if paid { &transaction.number } else { "0" });
        set("vnp_TransactionType", "01");
        set("vnp_TransactionStatus", if paid { "00" } else { "02" });
        set("vnp_OrderInfo", &text(request, "vnp_OrderInfo"));
    }
    let hash = pipe_digest(secret, &answer, &ANSWERED);
    answer.insert("vnp_SecureHash".to_owned(), Value::from(hash));
    answer
}

pub(super) fn pipe_digest(secret: &str, fields: &Map<String, Value>, order: &[&str]) -> String {
    let values: Vec<String> = order.iter().map(|name| text(fields, name)).collect();
    digest(secret, &values.join("|"))
}

pub(super) fn text(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
