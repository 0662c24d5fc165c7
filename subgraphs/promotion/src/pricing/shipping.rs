//! What comes off a transport cost.

use std::collections::BTreeMap;

use contracts::promotion::{AppliedPromotion, RejectedPromotion, RejectionReason, ShippingDiscount, ShippingQuote};
use kernel::Money;

use super::{
    candidate::Candidate,
    settle::{Entry, settle},
    terms::Terms,
};

/// What the promotions that the items of an order have earned take off its transport cost: the best of each group, an
/// exclusive one alone, and never more than the cost. Whether they are still active does not matter: they were earned at
/// checkout. What is left of a budget does: one that would cost more than that takes nothing off.
pub fn shipping(request: &ShippingDiscount, earned: &[Candidate]) -> ShippingQuote {
    let (cost, goods) = (request.transport_cost, request.product_amount);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut rejected = BTreeMap::new();
    for candidate in earned {
        let Terms::ShipDiscount(discount) = &candidate.terms else { continue };
        let saving = discount.saving_on_transport(cost.amount_minor.max(0));
        let reason = if candidate.currency.is_some_and(|currency| currency != cost.currency)
            || goods.currency != cost.currency
        {
            RejectionReason::OtherCurrency
        } else if discount.min_spend_minor.is_some_and(|minimum| goods.amount_minor < minimum) {
            RejectionReason::MinimumNotReached
        } else if candidate.budget_left_minor.is_some_and(|left| saving > left) {
            RejectionReason::BudgetExhausted
        } else if saving == 0 {
            RejectionReason::NoMatchingLine
        } else {
            entries.push(Entry::new(candidate, BTreeMap::from([(0, saving)])));
            continue;
        };
        rejected.insert(candidate.id, reason);
    }
    let settlement = settle(&[cost.amount_minor.max(0)], &entries);
    let outranked = entries.iter().map(|entry| entry.promotion_id).filter(|id| !settlement.applies(*id));
    rejected.extend(outranked.map(|id| (id, RejectionReason::Outranked)));
    let applied = settlement.lines.iter().flat_map(|line| &line.savings).map(|(id, saving)| AppliedPromotion {
        promotion_id: *id,
        name: earned.iter().find(|one| one.id == *id).map(|one| one.name.clone()).unwrap_or_default(),
        saving: Money::new(*saving, cost.currency),
    });
    let rejected = rejected.into_iter().map(|(id, reason)| RejectedPromotion {
        promotion_id: Some(id),
        code: earned.iter().find(|one| one.id == id).and_then(|one| one.code.clone()),
        reason,
    });
    ShippingQuote {
        discount: Money::new(settlement.saved_minor(), cost.currency),
        applied: applied.collect(),
        rejected: rejected.collect(),
    }
}
