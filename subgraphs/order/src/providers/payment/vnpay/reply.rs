//! What VNPay's merchant API answers, to whatever it was asked.
//!
//! Unlike the redirect, the API signs the values of its fields in a fixed order, joined by `|`. The answers to `querydr` and
//! to `refund` are the same fields in the same order, but that the former is signed with two more at its end.

use hmac::Mac;
use secrecy::SecretString;
use serde::Deserialize;
use service_kit::{Error, Result};
use uuid::Uuid;

use super::{VnPay, signature::digest};
use crate::providers::exchanges::{About, Exchanges};

/// The answer, as JSON. Fields that VNPay leaves out are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Reply {
    #[serde(rename = "vnp_ResponseId")]
    pub(crate) response_id: String,
    #[serde(rename = "vnp_Command")]
    pub(crate) command: String,
    #[serde(rename = "vnp_ResponseCode")]
    pub(crate) response_code: String,
    #[serde(rename = "vnp_Message")]
    pub(crate) message: String,
    #[serde(rename = "vnp_TmnCode")]
    pub(crate) tmn_code: String,
    #[serde(rename = "vnp_TxnRef")]
    pub(crate) reference: String,
    #[serde(rename = "vnp_Amount")]
    pub(crate) amount: String,
    #[serde(rename = "vnp_BankCode")]
    pub(crate) bank_code: String,
    #[serde(rename = "vnp_PayDate")]
    pub(crate) pay_date: String,
    #[serde(rename = "vnp_TransactionNo")]
    pub(crate) transaction_no: String,
    #[serde(rename = "vnp_TransactionType")]
    pub(crate) transaction_type: String,
    #[serde(rename = "vnp_TransactionStatus")]
    pub(crate) transaction_status: String,
    #[serde(rename = "vnp_OrderInfo")]
    pub(crate) info: String,
    #[serde(rename = "vnp_PromotionCode")]
    pub(crate) promotion_code: String,
    #[serde(rename = "vnp_PromotionAmount")]
    pub(crate) promotion_amount: String,
    #[serde(rename = "vnp_SecureHash")]
    pub(crate) hash: String,
}

/// How many fields, from the first, are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// Those of an answer to `querydr`.
    Query = 15,
    /// Those of an answer to `refund`.
    Refund = 13,
}

impl Reply {
    fn fields(&self) -> [&str; 15] {
        [
            &self.response_id,
            &self.command,
            &self.response_code,
            &self.message,
            &self.tmn_code,
            &self.reference,
            &self.amount,
            &self.bank_code,
            &self.pay_date,
            &self.transaction_no,
            &self.transaction_type,
            &self.transaction_status,
            &self.info,
            &self.promotion_code,
            &self.promotion_amount,
        ]
    }
}

impl VnPay {
    /// Asks the merchant API for an operation, and keeps what was said under `subject_id`. `None` when it cannot be
    /// asked, or when it gives no answer that can be read.
    ///
    /// # Errors
    /// The exchange could not be kept.
    pub(crate) async fn ask(
        &self,
        exchanges: &Exchanges,
        api_url: url::Url,
        (operation, subject_id): (&'static str, Uuid),
        message: &(impl serde::Serialize + Sync),
    ) -> Result<Option<Reply>> {
        let said = serde_json::to_value(message).map_err(|error| Error::internal("writing to VNPay", error))?;
        let request = exchanges.http().post(api_url).json(&said);
        let secrets = [&self.hash_secret];
        let answer = exchanges.ask(Self::about(operation, Some(subject_id), &secrets), request, said).await?;
        let reply = answer.map(|body| serde_json::from_slice(&body));
        Ok(match reply {
            Ok(Ok(reply)) => Some(reply),
            Ok(Err(error)) => {
                tracing::warn!(%subject_id, operation, %error, "an answer of VNPay cannot be read");
                None
            }
            Err(error) => {
                tracing::warn!(%subject_id, operation, error = %error.without_url(), "VNPay could not be asked");
                None
            }
        })
    }

    /// What an exchange with VNPay is about.
    pub(crate) fn about<'a>(
        operation: &'static str,
        subject_id: Option<Uuid>,
        secrets: &'a [&'a SecretString; 1],
    ) -> About<'a> {
        About { provider: "vnpay", operation, subject_id, secrets }
    }

    /// Whether VNPay has signed an answer.
    pub(crate) fn has_signed(&self, reply: &Reply, signed: Signed) -> bool {
        self.reply_digest(reply, signed).eq_ignore_ascii_case(&reply.hash)
    }

    /// What VNPay signs an answer with.
    pub(crate) fn reply_digest(&self, reply: &Reply, signed: Signed) -> String {
        self.pipe_digest(&reply.fields()[..signed as usize])
    }

    /// What a message of the API is signed with.
    pub(crate) fn pipe_digest(&self, fields: &[&str]) -> String {
        hex::encode(digest(&self.hash_secret, &fields.join("|")).finalize().into_bytes())
    }
}
