//! VNPay's `refund`: captured money goes back to the buyer's bank.
//!
//! VNPay knows a request by its id: the same id again is answered with `94` and pays nothing more.

use serde::Serialize;
use service_kit::Result;

use super::{
    CLIENT_ADDRESS, VERSION, VnPay, amount,
    reply::{Reply, Signed},
    timestamp,
};
use crate::providers::{
    exchanges::Exchanges,
    payment::{RefundAnswer, RefundRequest},
};

/// The request, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefundMessage {
    #[serde(rename = "vnp_RequestId")]
    pub(crate) request_id: String,
    #[serde(rename = "vnp_Version")]
    pub(crate) version: &'static str,
    #[serde(rename = "vnp_Command")]
    pub(crate) command: &'static str,
    #[serde(rename = "vnp_TmnCode")]
    pub(crate) tmn_code: String,
    /// `02` for the whole payment, `03` for a part.
    #[serde(rename = "vnp_TransactionType")]
    pub(crate) transaction_type: &'static str,
    #[serde(rename = "vnp_TxnRef")]
    pub(crate) reference: String,
    #[serde(rename = "vnp_Amount")]
    pub(crate) amount: String,
    #[serde(rename = "vnp_TransactionNo")]
    pub(crate) transaction_no: String,
    #[serde(rename = "vnp_TransactionDate")]
    pub(crate) transaction_date: String,
    #[serde(rename = "vnp_CreateBy")]
    pub(crate) created_by: &'static str,
    #[serde(rename = "vnp_CreateDate")]
    pub(crate) created: String,
    #[serde(rename = "vnp_IpAddr")]
    pub(crate) address: &'static str,
    #[serde(rename = "vnp_OrderInfo")]
    pub(crate) info: String,
    #[serde(rename = "vnp_SecureHash")]
    pub(crate) hash: String,
}

impl VnPay {
    /// Asks VNPay to pay money back, and reads its answer.
    ///
    /// # Errors
    /// The exchange could not be kept: the same request is to be made again.
    pub(crate) async fn pay_back(&self, exchanges: &Exchanges, request: &RefundRequest) -> Result<RefundAnswer> {
        let Some(api_url) = self.api_url.clone() else { return Ok(RefundAnswer::NotPossible) };
        let message = self.refund_message(request);
        let reply = self.ask(exchanges, api_url, ("refund", request.subject_id), &message).await?;
        Ok(reply.map_or(RefundAnswer::Unreachable, |reply| self.read_refund_reply(&reply, request)))
    }

    /// The signed request.
    pub(crate) fn refund_message(&self, request: &RefundRequest) -> RefundMessage {
        let mut message = RefundMessage {
            request_id: request.request_id.simple().to_string(),
            version: VERSION,
            command: "refund",
            tmn_code: self.tmn_code.clone(),
            transaction_type: if request.is_whole { "02" } else { "03" },
            amount: amount(request.amount.amount_minor),
            transaction_no: request.transaction.clone(),
            transaction_date: timestamp(request.paid_at),
            created_by: "shopnexus",
            created: timestamp(request.now),
            address: CLIENT_ADDRESS,
            info: format!("ShopNexus refund {}", request.reference),
            reference: request.reference.clone(),
            hash: String::new(),
        };
        message.hash = self.pipe_digest(&[
            &message.request_id,
            message.version,
            message.command,
            &message.tmn_code,
            message.transaction_type,
            &message.reference,
            &message.amount,
            &message.transaction_no,
            &message.transaction_date,
            message.created_by,
            &message.created,
            message.address,
            &message.info,
        ]);
        message
    }

    /// Reads the answer. One whose signature is wrong, or that speaks of another payment or amount, says nothing.
    pub(crate) fn read_refund_reply(&self, reply: &Reply, request: &RefundRequest) -> RefundAnswer {
        let is_ours = self.has_signed(reply, Signed::Refund) && reply.reference == request.reference;
        match reply.response_code.as_str() {
            _ if !is_ours => RefundAnswer::Unreachable,
            // `09`: the bank has refused.
            "00" if reply.transaction_status == "09" => RefundAnswer::Refused { code: "00/09".to_owned() },
            "00" if reply.amount != amount(request.amount.amount_minor) => RefundAnswer::Unreachable,
            // `94`: VNPay has this request already. Without one of ours it is about another.
            "00" => RefundAnswer::PaidBack { transaction: reply.transaction_no.clone() },
            "94" if !request.is_first => RefundAnswer::PaidBack { transaction: reply.transaction_no.clone() },
            // `98`: it took VNPay too long; what became of it, the same request will tell.
            "98" => RefundAnswer::Unreachable,
            code => RefundAnswer::Refused { code: code.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, Money};
    use uuid::Uuid;

    use super::{super::tests::merchant, *};

    fn request() -> RefundRequest {
        RefundRequest {
            request_id: Uuid::nil(),
            subject_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            reference: "01900000000070008000000000000001".to_owned(),
            transaction: "14226112".to_owned(),
            amount: Money::new(50_000, Currency::VND),
            is_whole: false,
            paid_at: "2026-01-31T18:30:00Z".parse().unwrap(),
            now: "2026-02-02T19:00:00Z".parse().unwrap(),
            is_first: true,
        }
    }

    fn reply(code: &str) -> Reply {
        let mut reply = Reply {
            response_id: "resp1".to_owned(),
            command: "refund".to_owned(),
            response_code: code.to_owned(),
            message: "Refund".to_owned(),
            tmn_code: "SHOPNX01".to_owned(),
            reference: "01900000000070008000000000000001".to_owned(),
            amount: "5000000".to_owned(),
            transaction_no: "14226113".to_owned(),
            transaction_type: "03".to_owned(),
            transaction_status: "05".to_owned(),
            ..Reply::default()
        };
        reply.hash = merchant().reply_digest(&reply, Signed::Refund);
        reply
    }

    #[test]
    fn the_request_is_signed_over_its_fields_in_vnpays_order() {
        let message = merchant().refund_message(&request());
        // Computed with Python's `hmac` over the same fields.
        assert_eq!(
            message.hash,
            "8d31b5a02c44637f655261c542c580650c0e0f878ab1bd62c817bfc4dde132ecf7abb25536ff5405032751b12f7c142b845dd20254fd3ca3dcc4167a18bc6f9c"
        );
    }

    #[test]
    fn an_answer_counts_when_it_is_signed_and_about_this_refund() {
        let paid = RefundAnswer::PaidBack { transaction: "14226113".to_owned() };
        assert_eq!(merchant().read_refund_reply(&reply("00"), &request()), paid);
        let forged = Reply { transaction_no: "1".to_owned(), ..reply("00") };
        assert_eq!(merchant().read_refund_reply(&forged, &request()), RefundAnswer::Unreachable);
        let other = RefundRequest { amount: Money::new(1, Currency::VND), ..request() };
        assert_eq!(merchant().read_refund_reply(&reply("00"), &other), RefundAnswer::Unreachable);
        let refused = RefundAnswer::Refused { code: "95".to_owned() };
        assert_eq!(merchant().read_refund_reply(&reply("95"), &request()), refused);
    }

    #[test]
    fn a_request_that_vnpay_has_already_is_paid_only_if_it_was_ours() {
        let repeated = RefundRequest { is_first: false, ..request() };
        assert!(matches!(merchant().read_refund_reply(&reply("94"), &repeated), RefundAnswer::PaidBack { .. }));
        assert!(matches!(merchant().read_refund_reply(&reply("94"), &request()), RefundAnswer::Refused { .. }));
    }
}
