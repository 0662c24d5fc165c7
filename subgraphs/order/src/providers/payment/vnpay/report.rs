//! What VNPay reports of a payment: the IPN, which counts, and the buyer's return, which only shows.

use kernel::PaymentId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{VnPay, signature::Params};

/// What stands in the place of the number of a transaction that has none.
pub(crate) const NO_TRANSACTION: &str = "0";

/// A report whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Whose terminal it is about.
    pub(crate) tmn_code: String,
    /// The payment; `None` when the reference is none of ours.
    pub(crate) payment_id: Option<PaymentId>,
    /// The reference, as VNPay writes it.
    #[serde(default)]
    pub(crate) reference: String,
    /// Hundredths of a đồng.
    pub(crate) amount_hundredths: i64,
    /// `00` when the money was captured, otherwise why not.
    pub(crate) response_code: String,
    /// `00` when the transaction succeeded at the bank.
    pub(crate) transaction_status: String,
    /// VNPay's own number of the transaction; [`NO_TRANSACTION`] when it names none.
    pub(crate) transaction_no: String,
    /// The bank that paid.
    pub(crate) bank_code: Option<String>,
    /// When, as VNPay writes it.
    pub(crate) pay_date: Option<String>,
}

/// Why a report is not taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportError {
    /// The signature is missing or wrong.
    Signature,
    /// The signature is right and a mandatory field is missing or malformed.
    Malformed,
}

impl Report {
    /// Whether the money was captured: both codes must say so.
    pub(crate) fn is_captured(&self) -> bool {
        self.response_code == "00" && self.transaction_status == "00"
    }

    /// Whether it has failed for good. Neither captured nor failed is what VNPay has not decided: `01` is under way,
    /// `04` was taken by the bank and has not arrived, `07` is under suspicion.
    pub(crate) fn is_failed(&self) -> bool {
        self.transaction_status == "02"
    }

    /// How much was captured, in đồng. `None` when nothing was, or when the report does not say by which transaction.
    pub(crate) fn captured_minor(&self) -> Option<i64> {
        let amount_minor = self.amount_hundredths / 100;
        let is_named = self.transaction_no != NO_TRANSACTION;
        (self.is_captured() && is_named && amount_minor > 0).then_some(amount_minor)
    }
}

impl VnPay {
    /// Reads the query string of an IPN or of a return, after its signature.
    ///
    /// # Errors
    /// The signature is wrong, or what it signs is not a report.
    pub(crate) fn read_report(&self, query: &str) -> Result<Report, ReportError> {
        let params = Params::verified(query, &self.hash_secret).ok_or(ReportError::Signature)?;
        let field = |name| params.get(name).map(ToOwned::to_owned).ok_or(ReportError::Malformed);
        let reference = field("vnp_TxnRef")?;
        Ok(Report {
            tmn_code: field("vnp_TmnCode")?,
            payment_id: Uuid::try_parse(&reference).ok().map(PaymentId),
            reference,
            amount_hundredths: field("vnp_Amount")?.parse().map_err(|_| ReportError::Malformed)?,
            response_code: field("vnp_ResponseCode")?,
            transaction_status: field("vnp_TransactionStatus")?,
            transaction_no: field("vnp_TransactionNo").unwrap_or_else(|_| NO_TRANSACTION.to_owned()),
            bank_code: params.get("vnp_BankCode").map(ToOwned::to_owned),
            pay_date: params.get("vnp_PayDate").map(ToOwned::to_owned),
        })
    }
}

/// The answer to an IPN, in VNPay's own codes. With `00` and `02` VNPay is content; with any other it reports again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum IpnAnswer {
    /// `00`: the report is recorded.
    Confirmed,
    /// `01`: there is no such payment of this merchant.
    NotFound,
    /// `02`: it had been recorded before.
    AlreadyConfirmed,
    /// `04`: the amount is not what was asked for.
    WrongAmount,
    /// `97`: the signature is wrong.
    WrongSignature,
    /// `99`: anything else; report again.
    Unknown,
}

impl IpnAnswer {
    /// The code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "00",
            Self::NotFound => "01",
            Self::AlreadyConfirmed => "02",
            Self::WrongAmount => "04",
            Self::WrongSignature => "97",
            Self::Unknown => "99",
        }
    }

    /// The sentence that goes with it.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Confirmed => "Confirm Success",
            Self::NotFound => "Order not found",
            Self::AlreadyConfirmed => "Order already confirmed",
            Self::WrongAmount => "Invalid amount",
            Self::WrongSignature => "Invalid signature",
            Self::Unknown => "Unknown error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::merchant, *};

    /// Signed with Python's `hmac` and `urllib.parse.quote_plus`.
    const IPN: &str = "vnp_Amount=15000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14226112&vnp_CardType=ATM&vnp_OrderInfo=ShopNexus+payment+01900000000070008000000000000001&vnp_PayDate=20260201013210&vnp_ResponseCode=00&vnp_TmnCode=SHOPNX01&vnp_TransactionNo=14226112&vnp_TransactionStatus=00&vnp_TxnRef=01900000000070008000000000000001&vnp_SecureHash=f615a6c3207f8ff222db02593672ec62513aac270795fa0fc74ce487720e7515450f864720078fb92236eb046557cfb3e0de9359d99a6fb6681bd74569c4c7d0";

    #[test]
    fn a_signed_report_is_read() {
        let report = merchant().read_report(IPN).unwrap();
        assert!(report.is_captured());
        assert_eq!(report.payment_id, Some(PaymentId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001))));
        assert_eq!(report.reference, "01900000000070008000000000000001");
        assert_eq!(report.amount_hundredths, 15_000_000);
        assert_eq!(report.transaction_no, "14226112");
        assert_eq!(report.bank_code.as_deref(), Some("NCB"));
    }

    #[test]
    fn a_forged_report_is_refused_before_it_is_read() {
        let forged = IPN.replace("vnp_Amount=15000000", "vnp_Amount=not-a-number");
        assert_eq!(merchant().read_report(&forged), Err(ReportError::Signature));
    }

    #[test]
    fn a_report_without_amount_is_malformed() {
        let params = Params::from([("vnp_TmnCode", "SHOPNX01".to_owned()), ("vnp_TxnRef", "1".to_owned())]);
        let query = params.signed(&merchant().hash_secret);
        assert_eq!(merchant().read_report(&query), Err(ReportError::Malformed));
    }

    #[test]
    fn both_codes_must_say_that_the_money_came() {
        let mut report = merchant().read_report(IPN).unwrap();
        report.transaction_status = "02".to_owned();
        assert!(!report.is_captured());
    }

    #[test]
    fn what_was_captured_is_a_whole_amount_of_a_named_transaction() {
        let report = merchant().read_report(IPN).unwrap();
        assert_eq!(report.captured_minor(), Some(150_000));
        let refused = Report { response_code: "24".to_owned(), ..report.clone() };
        let unnamed = Report { transaction_no: NO_TRANSACTION.to_owned(), ..report.clone() };
        let nothing = Report { amount_hundredths: 0, ..report.clone() };
        let negative = Report { amount_hundredths: -15_000_000, ..report };
        for other in [refused, unnamed, nothing, negative] {
            assert_eq!(other.captured_minor(), None, "{other:?}");
        }
    }
}
