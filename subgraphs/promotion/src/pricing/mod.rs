//! The pricing engine: lines, promotions, codes and a moment go in, prices and the reasons for them come out.
//!
//! It is pure: no I/O, no clock, and the order of the promotions does not matter. The card, the cart and the checkout
//! all ask this one function, so that they cannot disagree.
//!
//! 1. **Qualify.** Each promotion is judged by itself: does it concern these lines, is it active, are its conditions
//!    met, and what would it save on each line if it were alone? Savings are computed from list prices.
//! 2. **Settle.** Line by line, of each group the promotion that saves most wins. Winners of different groups add up,
//!    but never to more than the list price. Where a promotion of the group `exclusive` wins, it alone applies. Cashback
//!    takes part like any other, but lowers no price: it is credited later, and never more than is paid.
//! 3. **Answer.** Everything that was considered is applied to some line, or rejected with a reason.
//!
//! Contests are held line by line because every line is also a card somewhere: two products of a seller, each with a
//! promotion of its own in the same group, cost in one cart what their cards say. Only a bundle stands or falls as a
//! whole.

mod basket;
mod candidate;
mod qualify;
pub mod schedule;
mod settle;
mod shipping;
mod spread;
mod terms;
mod windows;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contracts::promotion::{
    AppliedPromotion, PriceQuote, PriceRequest, QuotedLine, RejectedPromotion, RejectionReason,
};
use kernel::{Currency, Money, PromotionId};

pub use candidate::{Candidate, Target};
pub use shipping::shipping;
pub use terms::{Bundle, BundleItem, BuyXGetY, Discount, Reduction, Terms};
pub use windows::{MINUTES_MAX, Window, WindowError, WindowTerms};

use basket::Basket;
use qualify::{Verdict, qualify};
use settle::{Entry, Settlement, settle};

/// The group whose winner applies alone.
pub const EXCLUSIVE: &str = "exclusive";

/// The most codes that one question may carry.
pub const CODES_MAX: usize = 20;

/// A question that has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// A quantity below one.
    #[error("a quantity is at least 1")]
    Quantity,
    /// A price below zero.
    #[error("a price is not negative")]
    NegativePrice,
    /// The amounts do not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Lines in two currencies.
    #[error("all lines are priced in one currency, not in {0} and {1}")]
    Currencies(Currency, Currency),
    /// Two lines of one name.
    #[error("each line has an id of its own")]
    DuplicateLine,
    /// More than [`CODES_MAX`] codes.
    #[error("at most {CODES_MAX} codes")]
    TooManyCodes,
}

/// Prices the lines of `request` with those of `candidates` that concern them.
///
/// `candidates` may hold promotions that have nothing to do with the request: they change nothing.
///
/// # Errors
/// The request has no price: see [`PricingError`].
pub fn price(request: &PriceRequest, candidates: &[Candidate], now: DateTime<Utc>) -> Result<PriceQuote, PricingError> {
    if request.codes.len() > CODES_MAX {
        return Err(PricingError::TooManyCodes);
    }
    let Some(basket) = Basket::of(&request.lines)? else {
        return Ok(PriceQuote { lines: Vec::new(), rejected: Vec::new() });
    };
    let codes = Codes::entered(&request.codes);
    let candidates: BTreeMap<PromotionId, &Candidate> = candidates.iter().map(|one| (one.id, one)).collect();

    let mut answer = Answer { rejected: Vec::new(), codes: &codes };
    let (mut goods, mut shipping) = (Vec::new(), Vec::new());
    for candidate in candidates.values() {
        match qualify(candidate, &basket, &codes, now) {
            Verdict::Irrelevant => {}
            Verdict::Rejected(reason) => answer.reject(candidate, reason),
            Verdict::Goods(savings) => goods.push(Entry::new(candidate, savings)),
            Verdict::Shipping(discount, lines) => shipping.push((*candidate, discount, lines)),
        }
    }

    let settlement = settle(&basket.list_amounts(), &goods);
    for entry in goods.iter().filter(|entry| !settlement.applies(entry.promotion_id)) {
        answer.reject(candidates[&entry.promotion_id], RejectionReason::Outranked);
    }
    let earned = earned_shipping(&basket, &settlement, shipping, &mut answer);
    for (code, entered) in &codes.0 {
        let known = candidates.values().any(|one| one.code.as_ref() == Some(code) && one.concerns_sellers_of(&basket));
        if !known {
            answer.rejected.push(RejectedPromotion {
                promotion_id: None,
                code: Some(entered.clone()),
                reason: RejectionReason::UnknownCode,
            });
        }
    }

    let money = |amount_minor| Money::new(amount_minor, basket.currency);
    let named = |wins: &[(PromotionId, i64)]| -> Vec<AppliedPromotion> {
        let named = wins.iter().map(|(id, saving)| AppliedPromotion {
            promotion_id: *id,
            name: candidates[id].name.clone(),
            saving: money(*saving),
        });
        named.collect()
    };
    let lines = basket.lines.iter().zip(&settlement.lines).zip(earned).map(|((line, settled), earned)| QuotedLine {
        line_id: line.line_id,
        list_amount: money(line.list_minor),
        paid_amount: money(line.list_minor - settled.saved_minor()),
        applied: named(&settled.savings),
        cashback: named(&settled.cashback),
        shipping_promotion_ids: earned,
    });
    Ok(PriceQuote { lines: lines.collect(), rejected: answer.rejected })
}

/// The shipping promotions each line has earned. Which of them apply is settled when the transport cost is known; here
/// those are sorted out that cannot apply: the line is taken by an exclusive promotion, or not even the whole basket
/// reaches the minimum.
fn earned_shipping(
    basket: &Basket,
    settlement: &Settlement,
    shipping: Vec<(&Candidate, &Discount, Vec<usize>)>,
    answer: &mut Answer<'_>,
) -> Vec<Vec<PromotionId>> {
    let paid_minor = basket.lines.iter().map(|line| line.list_minor).sum::<i64>() - settlement.saved_minor();
    let mut earned = vec![BTreeSet::new(); basket.lines.len()];
    for (candidate, discount, lines) in shipping {
        let lines: Vec<usize> = lines.into_iter().filter(|line| !settlement.exclusive[*line]).collect();
        if discount.min_spend_minor.is_some_and(|minimum| paid_minor < minimum) {
            answer.reject(candidate, RejectionReason::MinimumNotReached);
        } else if lines.is_empty() {
            answer.reject(candidate, RejectionReason::Outranked);
        } else {
            lines.into_iter().for_each(|line| _ = earned[line].insert(candidate.id));
        }
    }
    earned.into_iter().map(|ids| ids.into_iter().collect()).collect()
}

/// The codes a buyer entered, by how promotions write them.
struct Codes(BTreeMap<String, String>);

impl Codes {
    fn entered(codes: &[String]) -> Self {
        Self(codes.iter().map(|code| (normal_code(code), code.clone())).collect())
    }
}

/// A code as promotions write it: without spaces around it, in upper case.
pub fn normal_code(code: &str) -> String {
    code.trim().to_uppercase()
}

struct Answer<'a> {
    rejected: Vec<RejectedPromotion>,
    codes: &'a Codes,
}

impl Answer<'_> {
    fn reject(&mut self, candidate: &Candidate, reason: RejectionReason) {
        let code = candidate.code.as_ref().and_then(|code| self.codes.0.get(code)).cloned();
        self.rejected.push(RejectedPromotion { promotion_id: Some(candidate.id), code, reason });
    }
}
