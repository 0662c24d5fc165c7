//! What comes off a transport cost.

use std::collections::BTreeMap;

use contracts::promotion::{AppliedPromotion, ShippingDiscount, ShippingQuote};
use kernel::Money;

use super::{
    candidate::Candidate,
    settle::{Entry, settle},
    terms::Terms,
};

/// What the promotions that the items of an order have earned take off its transport cost: the best of each group, an
/// exclusive one alone, and never more than the cost. Whether they are still active does not matter: they were earned at
/// checkout.
pub fn shipping(request: &ShippingDiscount, earned: &[Candidate]) -> ShippingQuote {
    let (cost, goods) = (request.transport_cost, request.product_amount);
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for candidate in earned {
        let Terms::ShipDiscount(discount) = &candidate.terms else { continue };
        let fits = candidate.currency.is_none_or(|currency| currency == cost.currency)
            && goods.currency == cost.currency
            && discount.min_spend_minor.is_none_or(|minimum| goods.amount_minor >= minimum);
        let saving = discount.saving_on_transport(cost.amount_minor.max(0));
        if fits && saving > 0 {
            entries.push(Entry::new(candidate, BTreeMap::from([(0, saving)])));
        }
    }
    let settlement = settle(&[cost.amount_minor.max(0)], &entries);
    let applied = settlement.lines[0].iter().map(|(id, saving)| AppliedPromotion {
        promotion_id: *id,
        name: earned.iter().find(|one| one.id == *id).map(|one| one.name.clone()).unwrap_or_default(),
        saving: Money::new(*saving, cost.currency),
    });
    ShippingQuote { discount: Money::new(settlement.saved_minor(), cost.currency), applied: applied.collect() }
}
