//! Paying: what the bank does, and what it reports to the merchant.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::{
    Merchant,
    signature::{self, Params},
    wishes::Wishes,
};

/// The bank behind the payment page. It forgets everything when the program ends.
pub(super) struct Bank {
    pub(super) merchant: Merchant,
    http: reqwest::Client,
    /// By the reference that each was made under, the oldest first.
    transactions: Mutex<HashMap<String, Vec<Transaction>>>,
    next_number: AtomicU64,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    /// VNPay's own number.
    pub(super) number: String,
    /// What the merchant calls the payment, or what nobody does.
    pub(super) reference: String,
    /// The response code.
    pub(super) result: String,
    /// Hundredths of a đồng.
    pub(super) amount: String,
    /// When, in Vietnam.
    pub(super) date: String,
    /// How many refunds are still to be refused.
    pub(super) refuse_refunds: u64,
    /// What went back, by the id of the request: hundredths of a đồng, and VNPay's own number of it.
    pub(super) refunds: BTreeMap<String, (u64, String)>,
}

impl Transaction {
    /// Whether a request is about it that names this number. Without a number any is meant.
    fn is_meant(&self, number: &str) -> bool {
        number.is_empty() || self.number == number
    }
}

/// What becomes of a request to refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refunded {
    /// It is taken, under this number.
    Taken(String),
    /// It is not taken, by VNPay's code and for this reason.
    Refused(&'static str, &'static str),
}

/// What the merchant was told, and where the buyer goes.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The merchant's answers to the reports, or why there is none.
    pub(super) answers: Vec<Value>,
    /// Where the buyer's browser returns to.
    pub(super) return_url: String,
}

impl Bank {
    pub(super) fn new(merchant: Merchant) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build();
        Self {
            merchant,
            http: http.expect("a client with a timeout needs nothing from outside"),
            transactions: Mutex::default(),
            // Numbers go on after a restart, as they would at a bank.
            next_number: AtomicU64::new(u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default()),
        }
    }

    /// Why the page does not take this payment, if it does not.
    pub(super) fn refusal(&self, params: &Params, wishes: Option<&Wishes>) -> Option<&'static str> {
        let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        let expired = NaiveDateTime::parse_from_str(get("vnp_ExpireDate"), STAMP).is_ok_and(|end| vietnam() > end);
        let paid = self.has_captured(get("vnp_TxnRef"));
        if !signature::is_signed(params, &self.merchant.secret) {
            Some("The signature is wrong (70).")
        } else if get("vnp_TmnCode") != self.merchant.tmn_code {
            Some("There is no such merchant (72).")
        } else if get("vnp_Version") != "2.1.0" || get("vnp_Command") != "pay" || get("vnp_CurrCode") != "VND" {
            Some("The request is not a payment of protocol version 2.1.0 in VND (03).")
        } else if get("vnp_Amount").parse::<u64>().is_err() || get("vnp_TxnRef").is_empty() {
            Some("The request names no amount or no reference (03).")
        } else if url::Url::parse(get("vnp_ReturnUrl")).is_err() {
            Some("The request names no return URL (03).")
        } else if expired && !wishes.is_some_and(|wishes| wishes.late) {
            Some("The time for this payment is over (15).")
        } else if paid && !wishes.is_some_and(|wishes| wishes.again) {
            Some("This payment has been made already (02).")
        } else {
            None
        }
    }

    fn has_captured(&self, reference: &str) -> bool {
        let transactions = self.transactions.lock().expect("no holder of this lock can panic");
        transactions.get(reference).is_some_and(|all| all.iter().any(|transaction| transaction.result == "00"))
    }

    /// The transaction of a payment that has this number; the last one when no number is given.
    pub(super) fn transaction(&self, reference: &str, number: &str) -> Option<Transaction> {
        let transactions = self.transactions.lock().expect("no holder of this lock can panic");
        transactions.get(reference)?.iter().rev().find(|transaction| transaction.is_meant(number)).cloned()
    }

    /// Makes or refuses the payment, and reports it as wished.
    pub(super) async fn act(&self, params: &Params, wishes: &Wishes) -> Outcome {
        let get = |name: &str| params.get(name).cloned().unwrap_or_default();
        let number = self.next_number.fetch_add(1, Ordering::Relaxed).to_string();
        let transaction = Transaction {
            reference: if wishes.foreign { format!("FOREIGN{number}") } else { get("vnp_TxnRef") },
            number,
            result: wishes.result.clone(),
            amount: wishes.captured.map_or_else(|| get("vnp_Amount"), hundredths),
            date: vietnam().format(STAMP).to_string(),
            refuse_refunds: wishes.refuse_refunds,
            refunds: BTreeMap::new(),
        };
        self.transactions
            .lock()
            .expect("no holder of this lock can panic")
            .entry(transaction.reference.clone())
            .or_default()
            .push(transaction.clone());
        let report = self.report(params, &transaction);
        let mut shown = url::Url::parse(&get("vnp_ReturnUrl")).expect("the page has checked the URL");
        shown.set_query(Some(&signature::signed(&report, &self.merchant.secret)));
        let answers = if wishes.silent { Vec::new() } else { self.tell(report, wishes).await };
        Outcome { answers, return_url: shown.into() }
    }

    /// Pays a part of the transaction back that has this number, or of the last one. A request that was taken before is
    /// not taken again.
    pub(super) fn refund(&self, reference: &str, number: &str, request_id: &str, amount: &str) -> Refunded {
        let mut transactions = self.transactions.lock().expect("no holder of this lock can panic");
        let all = transactions.get_mut(reference);
        let meant = all.and_then(|all| all.iter_mut().rev().find(|transaction| transaction.is_meant(number)));
        let Some(transaction) = meant else {
            return Refunded::Refused("91", "Transaction not found");
        };
        let refunded: u64 = transaction.refunds.values().map(|(amount, _)| *amount).sum();
        let captured = transaction.amount.parse::<u64>().unwrap_or_default();
        match amount.parse::<u64>() {
            _ if transaction.result != "00" => Refunded::Refused("95", "Transaction not successful"),
            _ if transaction.refunds.contains_key(request_id) => Refunded::Refused("94", "Request is duplicated"),
            Ok(amount) if amount > 0 && refunded + amount <= captured => {
                if transaction.refuse_refunds > 0 {
                    transaction.refuse_refunds -= 1;
                    return Refunded::Refused("99", "The bank does not answer");
                }
                let number = self.next_number.fetch_add(1, Ordering::Relaxed).to_string();
                transaction.refunds.insert(request_id.to_owned(), (amount, number.clone()));
                Refunded::Taken(number)
            }
            _ => Refunded::Refused("02", "Total refund amount is greater than the transaction amount"),
        }
    }

    fn report(&self, params: &Params, transaction: &Transaction) -> Params {
        let get = |name: &str| params.get(name).cloned().unwrap_or_default();
        let bank = Some(get("vnp_BankCode")).filter(|code| !code.is_empty() && code != "VNBANK");
        let paid = transaction.result == "00";
        Params::from(
            [
                ("vnp_TmnCode", self.merchant.tmn_code.clone()),
                ("vnp_Amount", transaction.amount.clone()),
                ("vnp_BankCode", bank.unwrap_or_else(|| "NCB".to_owned())),
                ("vnp_BankTranNo", if paid { format!("VNP{}", transaction.number) } else { String::new() }),
                ("vnp_CardType", "ATM".to_owned()),
                ("vnp_PayDate", transaction.date.clone()),
                ("vnp_OrderInfo", get("vnp_OrderInfo")),
                ("vnp_TransactionNo", if paid { transaction.number.clone() } else { "0".to_owned() }),
                ("vnp_ResponseCode", transaction.result.clone()),
                ("vnp_TransactionStatus", if paid { "00" } else { "02" }.to_owned()),
                ("vnp_TxnRef", transaction.reference.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        )
    }

    /// Sends the reports, all at once, and collects what the merchant answers.
    async fn tell(&self, mut report: Params, wishes: &Wishes) -> Vec<Value> {
        tokio::time::sleep(wishes.delay).await;
        if let Some(amount) = wishes.wrong_amount {
            report.insert("vnp_Amount".to_owned(), hundredths(amount));
        }
        let secret = if wishes.wrong_signature { "somebody else's" } else { self.merchant.secret.as_str() };
        let mut url = self.merchant.ipn_url.clone();
        url.set_query(Some(&signature::signed(&report, secret)));
        futures::future::join_all((0..wishes.reports).map(|_| self.ask(url.clone()))).await
    }

    async fn ask(&self, url: url::Url) -> Value {
        let answer: Result<Value, reqwest::Error> = async { self.http.get(url).send().await?.json().await }.await;
        answer.unwrap_or_else(|error| json!({"error": error.without_url().to_string()}))
    }
}

/// An amount of đồng as VNPay writes it.
fn hundredths(amount: u64) -> String {
    (amount * 100).to_string()
}

const STAMP: &str = "%Y%m%d%H%M%S";

/// The wall clock in Vietnam.
fn vietnam() -> NaiveDateTime {
    let now: DateTime<FixedOffset> =
        Utc::now().with_timezone(&FixedOffset::east_opt(7 * 3600).expect("seven hours are a valid offset"));
    now.naive_local()
}

#[cfg(test)]
mod tests {
    use super::super::signature::read;
    use super::*;

    fn bank() -> Bank {
        Bank::new(Merchant {
            tmn_code: "SHOPNX01".to_owned(),
            secret: "0123456789ABCDEF0123456789ABCDEF".to_owned(),
            ipn_url: "http://127.0.0.1:9/ipn".parse().unwrap(),
        })
    }

    /// Pays 150,000 ₫ as wished, and reports nothing.
    async fn pay(bank: &Bank, wishes: &str) -> Params {
        let url = "vnp_Amount=15000000&vnp_TxnRef=A1&vnp_ReturnUrl=http%3A%2F%2F127.0.0.1%3A9%2F&silent=true";
        let params = read(&format!("{url}&{wishes}"));
        let outcome = bank.act(&params, &Wishes::read(&params).unwrap()).await;
        read(url::Url::parse(&outcome.return_url).unwrap().query().unwrap())
    }

    #[tokio::test]
    async fn each_transaction_of_a_payment_is_found_and_refunded_by_its_number() {
        let bank = bank();
        let first = pay(&bank, "captured=100000").await["vnp_TransactionNo"].clone();
        let last = pay(&bank, "again=true").await["vnp_TransactionNo"].clone();
        let amount = |number: &str| bank.transaction("A1", number).map(|transaction| transaction.amount);
        assert_eq!(amount(&first).as_deref(), Some("10000000"));
        assert_eq!(amount(&last).as_deref(), Some("15000000"));
        assert_eq!(amount(""), amount(&last));
        assert_eq!(amount("1"), None);
        let too_much = bank.refund("A1", &first, "r1", "15000000");
        assert!(matches!(too_much, Refunded::Refused("02", _)), "{too_much:?}");
        assert!(matches!(bank.refund("A1", &first, "r2", "10000000"), Refunded::Taken(_)));
        assert!(matches!(bank.refund("A1", &last, "r3", "15000000"), Refunded::Taken(_)), "the other is whole");
        assert!(matches!(bank.refund("A1", "1", "r4", "100"), Refunded::Refused("91", _)));
    }

    #[tokio::test]
    async fn a_foreign_capture_is_made_under_a_reference_that_nobody_knows() {
        let bank = bank();
        let report = pay(&bank, "foreign=true").await;
        let (reference, number) = (&report["vnp_TxnRef"], &report["vnp_TransactionNo"]);
        assert_ne!(reference, "A1");
        assert_eq!(bank.transaction("A1", ""), None, "the payment itself is not made");
        assert!(bank.transaction(reference, number).is_some());
        assert!(matches!(bank.refund(reference, number, "r1", "15000000"), Refunded::Taken(_)));
    }
}
