//! VNPay's `querydr`: what became of a transaction. Pure mapping; the caller carries it over HTTP.

use chrono::{DateTime, Utc};
use kernel::PaymentId;
use serde::Serialize;
use uuid::Uuid;

use super::{
    CLIENT_ADDRESS, VERSION, VnPay,
    reply::{Reply, Signed},
    report::Report,
    timestamp,
};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// What VNPay knows the payment by.
    pub(crate) reference: String,
    /// VNPay's own number of the transaction that is meant; without one VNPay answers with the one of the payment.
    pub(crate) transaction_no: Option<String>,
    /// When the payment was begun, or made where nobody here had begun it.
    pub(crate) begun_at: DateTime<Utc>,
}

impl Question {
    /// Whether a report answers it: one of another payment does not, nor one of another transaction than is meant.
    pub(crate) fn is_answered_by(&self, report: &Report) -> bool {
        let is_meant = self.transaction_no.as_ref().is_none_or(|number| *number == report.transaction_no);
        is_meant && self.reference == report.reference
    }
}

/// The request, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct QueryRequest {
    #[serde(rename = "vnp_RequestId")]
    pub(crate) request_id: String,
    #[serde(rename = "vnp_Version")]
    pub(crate) version: &'static str,
    #[serde(rename = "vnp_Command")]
    pub(crate) command: &'static str,
    #[serde(rename = "vnp_TmnCode")]
    pub(crate) tmn_code: String,
    #[serde(rename = "vnp_TxnRef")]
    pub(crate) reference: String,
    #[serde(rename = "vnp_OrderInfo")]
    pub(crate) info: String,
    /// Not signed.
    #[serde(rename = "vnp_TransactionNo", skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_no: Option<String>,
    #[serde(rename = "vnp_TransactionDate")]
    pub(crate) transaction_date: String,
    #[serde(rename = "vnp_CreateDate")]
    pub(crate) created: String,
    #[serde(rename = "vnp_IpAddr")]
    pub(crate) address: &'static str,
    #[serde(rename = "vnp_SecureHash")]
    pub(crate) hash: String,
}

impl VnPay {
    /// The signed request.
    pub(crate) fn query_request(&self, question: &Question, request_id: Uuid, now: DateTime<Utc>) -> QueryRequest {
        let mut request = QueryRequest {
            request_id: request_id.simple().to_string(),
            version: VERSION,
            command: "querydr",
            tmn_code: self.tmn_code.clone(),
            reference: question.reference.clone(),
            info: format!("ShopNexus query {}", question.reference),
            transaction_no: question.transaction_no.clone(),
            transaction_date: timestamp(question.begun_at),
            created: timestamp(now),
            address: CLIENT_ADDRESS,
            hash: String::new(),
        };
        request.hash = self.pipe_digest(&[
            &request.request_id,
            request.version,
            request.command,
            &request.tmn_code,
            &request.reference,
            &request.transaction_date,
            &request.created,
            request.address,
            &request.info,
        ]);
        request
    }

    /// Reads the answer as a report. `None` when the signature is wrong or when VNPay knows of no such transaction.
    pub(crate) fn read_query_answer(&self, answer: &Reply) -> Option<Report> {
        if !self.has_signed(answer, Signed::Query) || answer.response_code != "00" {
            return None;
        }
        Some(Report {
            tmn_code: answer.tmn_code.clone(),
            payment_id: Uuid::try_parse(&answer.reference).ok().map(PaymentId),
            reference: answer.reference.clone(),
            amount_hundredths: answer.amount.parse().ok()?,
            response_code: answer.transaction_status.clone(),
            transaction_status: answer.transaction_status.clone(),
            transaction_no: answer.transaction_no.clone(),
            bank_code: Some(answer.bank_code.clone()).filter(|code| !code.is_empty()),
            pay_date: Some(answer.pay_date.clone()).filter(|date| !date.is_empty()),
        })
    }

    /// Whether the answer says, and is signed, that VNPay has no transaction of the payment.
    pub(crate) fn knows_nothing(&self, answer: &Reply) -> bool {
        answer.response_code == "91" && self.has_signed(answer, Signed::Query)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::merchant, *};

    fn question() -> Question {
        Question {
            reference: "01900000000070008000000000000001".to_owned(),
            transaction_no: None,
            begun_at: "2026-01-31T18:30:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_request_is_signed_over_its_fields_in_vnpays_order() {
        let now = "2026-01-31T19:00:00Z".parse().unwrap();
        let request = merchant().query_request(&question(), Uuid::nil(), now);
        // Computed with Python's `hmac` over the same fields.
        assert_eq!(
            request.hash,
            "1c6a61cab81a9e8427215f270beb6cec4346e2c4c1b647fad31963bdd0ac7d4a8d2d5d2df1c9bd6b650cc8998579d80bc4a00b0a3b758159152c2815d239f876"
        );
        // The number of the transaction is said and not signed.
        let meant = Question { transaction_no: Some("14226112".to_owned()), ..question() };
        let with_number = merchant().query_request(&meant, Uuid::nil(), now);
        assert_eq!(with_number.hash, request.hash);
        let said = |request: &QueryRequest| serde_json::to_value(request).unwrap();
        assert_eq!(said(&with_number)["vnp_TransactionNo"], "14226112");
        assert_eq!(said(&request).get("vnp_TransactionNo"), None);
    }

    /// Its hash was computed with Python's `hmac` over the same fields.
    fn answer() -> Reply {
        Reply {
            response_id: "resp1".to_owned(),
            command: "querydr".to_owned(),
            response_code: "00".to_owned(),
            message: "QueryDR Success".to_owned(),
            tmn_code: "SHOPNX01".to_owned(),
            reference: "01900000000070008000000000000001".to_owned(),
            amount: "15000000".to_owned(),
            bank_code: "NCB".to_owned(),
            pay_date: "20260201013210".to_owned(),
            transaction_no: "14226112".to_owned(),
            transaction_type: "01".to_owned(),
            transaction_status: "00".to_owned(),
            info: "ShopNexus query".to_owned(),
            hash: "8822e6580bb12c485eddb96a7fad825d54d95abd019d0671b2ef77456e59820ec0759426038edc9d65ea4bc3c4406d05e8d5070348a5970945c9a407423151b7".to_owned(),
            ..Reply::default()
        }
    }

    #[test]
    fn an_answer_is_read_when_its_signature_is_right() {
        assert!(merchant().read_query_answer(&answer()).unwrap().is_captured());
        let forged = Reply { amount: "1".to_owned(), ..answer() };
        assert_eq!(merchant().read_query_answer(&forged), None);
    }

    #[test]
    fn a_report_of_another_transaction_than_is_meant_is_no_answer() {
        let report = merchant().read_query_answer(&answer()).unwrap();
        let meant = |number: &str| Question { transaction_no: Some(number.to_owned()), ..question() };
        assert!(question().is_answered_by(&report) && meant("14226112").is_answered_by(&report));
        assert!(!meant("1").is_answered_by(&report));
        let other = Question { reference: "1".to_owned(), ..question() };
        assert!(!other.is_answered_by(&report));
    }
}
