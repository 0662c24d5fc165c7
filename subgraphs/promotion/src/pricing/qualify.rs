//! What one promotion would do if it were alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::promotion::RejectionReason;

use super::{
    Codes,
    basket::{Basket, Line},
    candidate::Candidate,
    terms::{Discount, Terms},
};

/// The judgement of one promotion.
pub(super) enum Verdict<'a> {
    /// It has nothing to do with the question, and the answer does not mention it.
    Irrelevant,
    /// It was considered and does not apply.
    Rejected(RejectionReason),
    /// What it would save, by line; at least one saving is above zero.
    Goods(BTreeMap<usize, i64>),
    /// The lines that earn a discount on shipping.
    Shipping(&'a Discount, Vec<usize>),
}

/// Judges one promotion. A promotion that applies by itself is only mentioned where it is about a line; one whose code
/// was entered is always answered for.
pub(super) fn qualify<'a>(candidate: &'a Candidate, basket: &Basket, codes: &Codes, now: DateTime<Utc>) -> Verdict<'a> {
    let entered = match &candidate.code {
        Some(code) if !codes.0.contains_key(code) => return Verdict::Irrelevant,
        code => code.is_some(),
    };
    if !candidate.concerns_sellers_of(basket) {
        return Verdict::Irrelevant;
    }
    let unless_entered = |reason| if entered { Verdict::Rejected(reason) } else { Verdict::Irrelevant };
    if !candidate.is_active(now) {
        return unless_entered(RejectionReason::NotActive);
    }
    let matching: Vec<usize> =
        basket.lines.iter().enumerate().filter(|(_, line)| candidate.matches(line)).map(|(index, _)| index).collect();
    if matching.is_empty() {
        return unless_entered(RejectionReason::NoMatchingLine);
    }
    if candidate.currency.is_some_and(|currency| currency != basket.currency) {
        return Verdict::Rejected(RejectionReason::OtherCurrency);
    }
    if candidate.uses_left.is_some_and(|left| left < 1) {
        return Verdict::Rejected(RejectionReason::UsesExhausted);
    }

    let lines: Vec<&Line> = matching.iter().map(|index| &basket.lines[*index]).collect();
    let savings = match &candidate.terms {
        // What it will cost is known with the transport; that nothing is left is known now.
        Terms::ShipDiscount(_) if candidate.budget_left_minor.is_some_and(|left| left < 1) => {
            return Verdict::Rejected(RejectionReason::BudgetExhausted);
        }
        Terms::ShipDiscount(discount) => return Verdict::Shipping(discount, matching),
        Terms::Discount(discount) | Terms::Cashback(discount) => discount.savings(&lines),
        Terms::Bundle(bundle) => bundle.savings(&lines),
        Terms::BuyXGetY(terms) => terms.savings(&lines),
    };
    let savings = match savings {
        Ok(savings) => savings,
        Err(reason) => return Verdict::Rejected(reason),
    };
    if candidate.budget_left_minor.is_some_and(|left| savings.iter().sum::<i64>() > left) {
        return Verdict::Rejected(RejectionReason::BudgetExhausted);
    }
    let savings: BTreeMap<usize, i64> = matching.into_iter().zip(savings).filter(|(_, saving)| *saving > 0).collect();
    if savings.is_empty() {
        // No line it is about becomes cheaper by it.
        return unless_entered(RejectionReason::NoMatchingLine);
    }
    Verdict::Goods(savings)
}
