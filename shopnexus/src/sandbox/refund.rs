//! `refund`: money goes back, as VNPay answers it.

use serde_json::{Map, Value};

use super::{
    act::{Bank, Refunded},
    query::{pipe_digest, text},
};

/// The fields of a request, in the order in which they are signed.
const ASKED: [&str; 13] = [
    "vnp_RequestId",
    "vnp_Version",
    "vnp_Command",
    "vnp_TmnCode",
    "vnp_TransactionType",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_TransactionNo",
    "vnp_TransactionDate",
    "vnp_CreateBy",
    "vnp_CreateDate",
    "vnp_IpAddr",
    "vnp_OrderInfo",
];

/// The fields of an answer, in the order in which they are signed.
const ANSWERED: [&str; 13] = [
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
];

/// Answers a request.
pub(super) fn answer(bank: &Bank, request: &Map<String, Value>) -> Map<String, Value> {
    let secret = &bank.merchant.secret;
    let (reference, amount) = (text(request, "vnp_TxnRef"), text(request, "vnp_Amount"));
    let done = if text(request, "vnp_SecureHash") != pipe_digest(secret, request, &ASKED) {
        Refunded::Refused("97", "Invalid Signature")
    } else if text(request, "vnp_TmnCode") != bank.merchant.tmn_code {
        Refunded::Refused("02", "Invalid merchant")
    } else if !matches!(text(request, "vnp_TransactionType").as_str(), "02" | "03") {
        Refunded::Refused("03", "Invalid format")
    } else {
        let number = text(request, "vnp_TransactionNo");
        bank.refund(&reference, &number, &text(request, "vnp_RequestId"), &amount)
    };
    let mut answer = Map::new();
    let mut set = |name: &str, value: &str| _ = answer.insert(name.to_owned(), Value::from(value));
    set("vnp_ResponseId", &text(request, "vnp_RequestId"));
    set("vnp_Command", "refund");
    set("vnp_TmnCode", &bank.merchant.tmn_code);
    set("vnp_TxnRef", &reference);
    set("vnp_Amount", &amount);
    set("vnp_OrderInfo", &text(request, "vnp_OrderInfo"));
    set("vnp_TransactionType", &text(request, "vnp_TransactionType"));
    match done {
        Refunded::Taken(number) => {
            set("vnp_ResponseCode", "00");
            set("vnp_Message", "Refund success");
            set("vnp_BankCode", "NCB");
            set("vnp_PayDate", &text(request, "vnp_CreateDate"));
            set("vnp_TransactionNo", &number);
            set("vnp_TransactionStatus", "05");
        }
        Refunded::Refused(code, message) => {
            set("vnp_ResponseCode", code);
            set("vnp_Message", message);
        }
    }
    let hash = pipe_digest(secret, &answer, &ANSWERED);
    answer.insert("vnp_SecureHash".to_owned(), Value::from(hash));
    answer
}
