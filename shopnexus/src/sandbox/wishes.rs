//! What whoever pays wants to happen.

use std::time::Duration;

use super::signature::Params;

/// What is to happen with a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wishes {
    /// VNPay's response code: `00` pays, `24` is the buyer's cancellation, `51` is too little money.
    pub(super) result: String,
    /// How many times the result is reported, all at once.
    pub(super) reports: usize,
    /// The amount that the report names instead of what was captured, in đồng.
    pub(super) wrong_amount: Option<u64>,
    /// The amount that is captured instead of what was asked for, in đồng: the report names it, and so does `querydr`.
    pub(super) captured: Option<u64>,
    /// Whether the capture is made under a reference that the merchant does not know.
    pub(super) foreign: bool,
    /// Whether the report is signed with another secret.
    pub(super) wrong_signature: bool,
    /// Whether nothing is reported at all; `querydr` tells the result all the same.
    pub(super) silent: bool,
    /// Whether it happens even though the page has expired.
    pub(super) late: bool,
    /// Whether it happens even though the payment has been made before: a second capture.
    pub(super) again: bool,
    /// How long to wait before reporting.
    pub(super) delay: Duration,
    /// How many requests to refund the payment are refused before one is taken.
    pub(super) refuse_refunds: u64,
}

/// The most that somebody can wish to be captured, in đồng.
const AMOUNT_MAX: u64 = 1_000_000_000;

impl Wishes {
    /// Reads the wishes among the parameters of a request.
    pub(super) fn read(params: &Params) -> Result<Self, String> {
        let text = |name: &str| params.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let flag = |name: &str| matches!(text(name), Some("true" | "1" | "on"));
        let number = |name: &str, default: u64, most: u64| match text(name).map(str::parse) {
            None => Ok(default),
            Some(Ok(number)) if number <= most => Ok(number),
            Some(_) => Err(format!("`{name}` is a number up to {most}")),
        };
        let amount = |name: &str| number(name, 0, AMOUNT_MAX).map(|amount| (amount > 0).then_some(amount));
        let result = text("result").unwrap_or("00").to_owned();
        if result.len() != 2 || !result.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("`result` is one of VNPay's response codes, as in 00 or 24".to_owned());
        }
        Ok(Self {
            result,
            reports: usize::try_from(number("reports", 1, 100)?).expect("a hundred fits"),
            // Whoever only says that it is wrong gets one đồng.
            wrong_amount: if flag("wrong_amount") { Some(1) } else { amount("wrong_amount")? },
            captured: amount("captured")?,
            foreign: flag("foreign"),
            wrong_signature: flag("wrong_signature"),
            silent: flag("silent"),
            late: flag("late"),
            again: flag("again"),
            delay: Duration::from_millis(number("delay_ms", 0, 600_000)?),
            refuse_refunds: number("refuse_refunds", 0, 100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::signature::read;
    use super::*;

    #[test]
    fn without_wishes_a_payment_is_made_and_reported_once() {
        let wishes = Wishes::read(&read("vnp_Amount=1")).unwrap();
        assert_eq!((wishes.result.as_str(), wishes.reports, wishes.silent), ("00", 1, false));
    }

    #[test]
    fn amounts_are_wished_in_dong() {
        let wishes = Wishes::read(&read("wrong_amount=5000&captured=200000&foreign=on")).unwrap();
        assert_eq!((wishes.wrong_amount, wishes.captured, wishes.foreign), (Some(5_000), Some(200_000), true));
        let wishes = Wishes::read(&read("wrong_amount=true&captured=")).unwrap();
        assert_eq!((wishes.wrong_amount, wishes.captured), (Some(1), None));
        assert!(Wishes::read(&read("captured=much")).unwrap_err().contains("`captured`"));
    }

    #[test]
    fn a_wish_that_makes_no_sense_is_named() {
        assert!(Wishes::read(&read("result=ok")).unwrap_err().contains("`result`"));
        assert!(Wishes::read(&read("reports=1000")).unwrap_err().contains("`reports`"));
    }
}
