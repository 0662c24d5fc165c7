//! What holds for every basket and every set of promotions.

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{DateTime, Utc};
use contracts::promotion::{PriceLine, PriceQuote, PriceRequest, ShippingDiscount};
use kernel::{AccountId, CategoryId, Currency, Money, OrderItemId, Percent, ProductId, PromotionId, SkuId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Few different ids, so that promotions and lines meet.
fn few() -> impl Strategy<Value = Uuid> {
    (1_u128..5).prop_map(Uuid::from_u128)
}

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just(Currency::VND), Just(Currency::USD)]
}

fn lines(currency: Currency) -> impl Strategy<Value = Vec<PriceLine>> {
    let line = (few(), few(), few(), 0_i64..5_000_000, 1_i64..20).prop_map(
        move |(sku, seller, category, unit_minor, quantity)| PriceLine {
            line_id: OrderItemId(sku),
            sku_id: SkuId(sku),
            product_id: ProductId(sku),
            seller_id: AccountId(seller),
            category_path: vec![CategoryId(category)],
            unit_price: Money::new(unit_minor, currency),
            quantity,
        },
    );
    prop::collection::vec(line, 1..6).prop_map(|mut lines| {
        // Two lines may be of one SKU, but each has an id of its own.
        for (index, line) in lines.iter_mut().enumerate() {
            line.line_id = OrderItemId(Uuid::from_u128(100 + index as u128));
        }
        lines
    })
}

fn percent() -> impl Strategy<Value = Percent> {
    (1_u32..=10_000).prop_map(|basis_points| Percent::from_basis_points(basis_points).unwrap())
}

fn discounts() -> impl Strategy<Value = Discount> {
    let reduction = prop_oneof![
        percent().prop_map(Reduction::Percent),
        (1_i64..10_000_000).prop_map(Reduction::AmountOff),
        (0_i64..5_000_000).prop_map(Reduction::FixedPrice),
    ];
    (reduction, prop::option::of(1_i64..10_000_000), prop::option::of(1_i64..10_000_000)).prop_map(
        |(reduction, min_spend_minor, max_discount_minor)| Discount { reduction, min_spend_minor, max_discount_minor },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    let bundle =
        (prop::collection::btree_map(few(), 1_i64..4, 1..4), 0_i64..10_000_000).prop_map(|(items, price_minor)| {
            let items = items.into_iter().map(|(sku, quantity)| BundleItem { sku_id: SkuId(sku), quantity }).collect();
            Terms::Bundle(Bundle { items, price_minor })
        });
    let buy_x_get_y = (1_i64..4, 1_i64..4, percent()).prop_map(|(buy_quantity, get_quantity, percent)| {
        Terms::BuyXGetY(BuyXGetY { buy_quantity, get_quantity, percent })
    });
    prop_oneof![
        3 => discounts().prop_map(Terms::Discount),
        1 => discounts().prop_map(Terms::ShipDiscount),
        1 => bundle,
        1 => buy_x_get_y,
        1 => discounts().prop_map(Terms::Cashback),
    ]
}

fn targets() -> impl Strategy<Value = Vec<Target>> {
    let target = prop_oneof![
        few().prop_map(|id| Target::Product(ProductId(id))),
        few().prop_map(|id| Target::Sku(SkuId(id))),
        few().prop_map(|id| Target::Category(CategoryId(id))),
    ];
    prop::collection::vec(target, 0..3)
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let group = prop_oneof![2 => Just("a"), 2 => Just("b"), 1 => Just(EXCLUSIVE)];
    let limits = (prop::option::of(0_i64..3), prop::option::of(0_i64..5_000_000));
    (any::<u128>(), prop::option::of(few()), group, prop::option::of(currency()), terms(), targets(), limits).prop_map(
        |(id, seller, group, currency, terms, targets, (uses_left, budget_left_minor))| Candidate {
            id: PromotionId(Uuid::from_u128(id)),
            seller_id: seller.map(AccountId),
            name: String::new(),
            code: None,
            group: group.to_owned(),
            currency,
            terms,
            targets,
            enabled: true,
            starts_at: NOW,
            ends_at: None,
            windows: Vec::new(),
            uses_left,
            budget_left_minor,
        },
    )
}

/// A promotion of the group `exclusive` about everything, with no minimum and no limits.
fn exclusive() -> impl Strategy<Value = Candidate> {
    (candidate(), discounts()).prop_map(|(candidate, discount)| Candidate {
        seller_id: None,
        group: EXCLUSIVE.to_owned(),
        currency: None,
        terms: Terms::Discount(Discount { min_spend_minor: None, ..discount }),
        targets: Vec::new(),
        uses_left: None,
        budget_left_minor: None,
        ..candidate
    })
}

fn fridays() -> Window {
    let terms = WindowTerms { cron: "0 0 * * 5".to_owned(), time_zone: "UTC".to_owned(), minutes: 60 };
    Window::of(terms).unwrap()
}

fn questions() -> impl Strategy<Value = (Vec<PriceLine>, Vec<Candidate>)> {
    (currency().prop_flat_map(lines), prop::collection::vec(candidate(), 0..8))
}

fn quote(lines: &[PriceLine], candidates: &[Candidate]) -> PriceQuote {
    let request = PriceRequest { buyer_id: None, codes: Vec::new(), lines: lines.to_vec() };
    price(&request, candidates, NOW).unwrap()
}

/// What wins a line: it is taken off or credited.
fn winners(line: &QuotedLine) -> impl Iterator<Item = &AppliedPromotion> {
    line.applied.iter().chain(&line.cashback)
}

/// What a promotion saves or credits on each line when there is no other.
fn alone(lines: &[PriceLine], candidate: &Candidate) -> Vec<i64> {
    let candidate = Candidate { group: "alone".to_owned(), ..candidate.clone() };
    let of_line = |line: &QuotedLine| -> i64 { winners(line).map(|one| one.saving.amount_minor).sum() };
    quote(lines, &[candidate]).lines.iter().map(of_line).collect()
}

/// Of promotions and what each saves alone, those that apply by the rules: the best of each group, and where one of the
/// group `exclusive` saves anything, the best of that group and no other. Of equals the older one is better.
fn best<'a>(savings: &[(&'a Candidate, i64)]) -> Vec<(&'a Candidate, i64)> {
    let best_of = |group: &str| {
        let of_group = savings.iter().copied().filter(|(one, saving)| one.group == group && *saving > 0);
        of_group.max_by_key(|(one, saving)| (*saving, Reverse(one.id)))
    };
    match best_of(EXCLUSIVE) {
        Some(winner) => vec![winner],
        None => ["a", "b"].into_iter().filter_map(best_of).collect(),
    }
}

proptest! {
    #[test]
    fn a_line_never_costs_less_than_nothing_or_more_than_its_list_price((lines, candidates) in questions()) {
        let quote = quote(&lines, &candidates);
        prop_assert_eq!(quote.lines.len(), lines.len());
        for (quoted, line) in quote.lines.iter().zip(&lines) {
            prop_assert_eq!(quoted.line_id, line.line_id);
            prop_assert_eq!(quoted.list_amount, line.unit_price.times(line.quantity).unwrap());
            prop_assert!((0..=quoted.list_amount.amount_minor).contains(&quoted.paid_amount.amount_minor));
        }
    }

    #[test]
    fn what_is_applied_adds_up_to_the_difference((lines, candidates) in questions()) {
        for quoted in quote(&lines, &candidates).lines {
            let savings = Money::sum(quoted.list_amount.currency, quoted.applied.iter().map(|one| one.saving)).unwrap();
            prop_assert_eq!(quoted.paid_amount.plus(savings), Ok(quoted.list_amount));
            prop_assert!(quoted.applied.iter().all(|one| one.saving.amount_minor > 0));
        }
    }

    #[test]
    fn the_sums_of_the_lines_are_the_totals_to_the_minor_unit((lines, candidates) in questions()) {
        let quote = quote(&lines, &candidates);
        let currency = lines[0].unit_price.currency;
        let sum = |amount: fn(&contracts::promotion::QuotedLine) -> Money| {
            Money::sum(currency, quote.lines.iter().map(amount)).unwrap().amount_minor
        };
        let (list, paid) = (sum(|line| line.list_amount), sum(|line| line.paid_amount));
        let by_promotion = |of: fn(&contracts::promotion::QuotedLine) -> &Vec<AppliedPromotion>| -> i64 {
            quote.lines.iter().flat_map(of).map(|one| one.saving.amount_minor).sum()
        };
        prop_assert_eq!(list - paid, by_promotion(|line| &line.applied));
        prop_assert!(by_promotion(|line| &line.cashback) <= paid);
    }

    #[test]
    fn cashback_lowers_no_price_and_is_never_more_than_what_is_paid((lines, candidates) in questions()) {
        let is_cashback = |id| candidates.iter().any(|one| one.id == id && matches!(one.terms, Terms::Cashback(_)));
        for quoted in quote(&lines, &candidates).lines {
            prop_assert!(quoted.applied.iter().all(|one| !is_cashback(one.promotion_id)));
            prop_assert!(quoted.cashback.iter().all(|one| is_cashback(one.promotion_id) && one.saving.amount_minor > 0));
            let credited: i64 = quoted.cashback.iter().map(|one| one.saving.amount_minor).sum();
            prop_assert!(credited <= quoted.paid_amount.amount_minor);
        }
    }

    /// What is switched off, over, or outside its hours is as if it were not there.
    #[test]
    fn a_promotion_that_is_not_active_changes_nothing((lines, candidates) in questions(), mut asleep in candidate(), how in 0..4) {
        match how {
            0 => asleep.enabled = false,
            1 => asleep.starts_at = NOW + chrono::TimeDelta::seconds(1),
            2 => asleep.ends_at = Some(NOW),
            // The epoch was a Thursday.
            _ => asleep.windows = vec![fridays()],
        }
        let without = quote(&lines, &candidates);
        let with: Vec<Candidate> = candidates.into_iter().chain([asleep]).collect();
        prop_assert_eq!(quote(&lines, &with), without);
    }

    #[test]
    fn the_order_of_promotions_does_not_matter(
        ((lines, candidates), shuffled) in questions()
            .prop_flat_map(|(lines, candidates)| (Just((lines, candidates.clone())), Just(candidates).prop_shuffle())),
    ) {
        prop_assert_eq!(quote(&lines, &candidates), quote(&lines, &shuffled));
    }

    #[test]
    fn no_two_promotions_of_a_group_apply_to_a_line((lines, candidates) in questions()) {
        let group = |id: PromotionId| candidates.iter().find(|one| one.id == id).unwrap().group.as_str();
        for quoted in quote(&lines, &candidates).lines {
            let groups: Vec<&str> = winners(&quoted).map(|one| group(one.promotion_id)).collect();
            prop_assert_eq!(groups.iter().collect::<BTreeSet<_>>().len(), groups.len());
        }
    }

    /// However much others save, bundles and shipping promotions among them.
    #[test]
    fn where_an_exclusive_promotion_saves_anything_one_of_its_group_wins_and_no_other(
        (lines, mut candidates) in questions(),
        exclusive in exclusive(),
    ) {
        let saving = alone(&lines, &exclusive);
        candidates.push(exclusive);
        let group = |id: PromotionId| candidates.iter().find(|one| one.id == id).unwrap().group.as_str();
        let quote = quote(&lines, &candidates);
        for (quoted, _) in quote.lines.iter().zip(saving).filter(|(_, saving)| *saving > 0) {
            let groups: Vec<&str> = winners(quoted).map(|one| group(one.promotion_id)).collect();
            prop_assert_eq!(groups, [EXCLUSIVE]);
            prop_assert!(quoted.shipping_promotion_ids.is_empty());
        }
    }

    /// The whole price of a line, from what each promotion saves alone. Bundles are left out: they stand or fall as a
    /// whole, as the examples show.
    #[test]
    fn the_best_of_each_group_makes_the_price_and_an_exclusive_one_makes_it_alone(
        (lines, mut candidates) in questions(),
        exclusive in prop::option::of(exclusive()),
    ) {
        candidates.extend(exclusive);
        candidates.retain(|one| !matches!(one.terms, Terms::Bundle(_)));
        let savings: Vec<(&Candidate, Vec<i64>)> = candidates.iter().map(|one| (one, alone(&lines, one))).collect();
        for (index, quoted) in quote(&lines, &candidates).lines.iter().enumerate() {
            let of_line: Vec<(&Candidate, i64)> = savings.iter().map(|(one, savings)| (*one, savings[index])).collect();
            let best = best(&of_line);
            let (mut saved, mut credited) = (0_i64, 0_i64);
            for (one, saving) in &best {
                match one.terms {
                    Terms::Cashback(_) => credited += *saving,
                    _ => saved += *saving,
                }
            }
            let list = quoted.list_amount.amount_minor;
            let paid = (list - saved).max(0);
            prop_assert_eq!(quoted.paid_amount.amount_minor, paid);
            let cashback: i64 = quoted.cashback.iter().map(|one| one.saving.amount_minor).sum();
            prop_assert_eq!(cashback, credited.min(paid));
            let applied: BTreeSet<PromotionId> = winners(quoted).map(|one| one.promotion_id).collect();
            let expected: BTreeSet<PromotionId> = best.iter().map(|(one, _)| one.id).collect();
            prop_assert!(applied.is_subset(&expected));
            // Together they may save more than there is: then the smallest have nothing left to take.
            prop_assert!(applied == expected || saved + credited > list);
        }
    }

    #[test]
    fn what_is_considered_is_applied_or_rejected_and_never_both((lines, candidates) in questions()) {
        let quote = quote(&lines, &candidates);
        let applied: BTreeSet<PromotionId> = quote
            .lines
            .iter()
            .flat_map(|line| {
                let winners = line.applied.iter().chain(&line.cashback).map(|one| one.promotion_id);
                winners.chain(line.shipping_promotion_ids.clone())
            })
            .collect();
        let rejected: Vec<PromotionId> = quote.rejected.iter().filter_map(|one| one.promotion_id).collect();
        let unique: BTreeSet<PromotionId> = rejected.iter().copied().collect();
        prop_assert_eq!(unique.len(), rejected.len());
        prop_assert!(applied.is_disjoint(&unique));
    }

    #[test]
    fn limits_and_targets_are_respected((lines, candidates) in questions()) {
        let quote = quote(&lines, &candidates);
        for candidate in &candidates {
            let savings = |line: &contracts::promotion::QuotedLine| -> i64 {
                let winners = line.applied.iter().chain(&line.cashback);
                let of_it = winners.filter(|one| one.promotion_id == candidate.id);
                of_it.map(|one| one.saving.amount_minor).sum()
            };
            let total: i64 = quote.lines.iter().map(savings).sum();
            if total == 0 {
                continue;
            }
            prop_assert!(candidate.uses_left.is_none_or(|left| left > 0));
            prop_assert!(candidate.budget_left_minor.is_none_or(|left| total <= left));
            if let Terms::Discount(Discount { max_discount_minor: Some(most), .. })
            | Terms::Cashback(Discount { max_discount_minor: Some(most), .. }) = candidate.terms
            {
                prop_assert!(total <= most);
            }
            for (quoted, line) in quote.lines.iter().zip(&lines).filter(|(quoted, _)| savings(quoted) > 0) {
                prop_assert!(candidate.seller_id.is_none_or(|seller| seller == line.seller_id), "{:?}", quoted);
                prop_assert!(candidate.currency.is_none_or(|currency| currency == line.unit_price.currency));
            }
        }
    }

    #[test]
    fn a_card_and_a_cart_of_that_line_alone_agree((lines, candidates) in questions()) {
        // Promotions that are about other lines are read for the card of a listing and not for the cart.
        let (alone, mut concerned) = (&lines[..1], candidates.clone());
        let basket = basket::Basket::of(alone).unwrap().unwrap();
        concerned.retain(|candidate| candidate.matches(&basket.lines[0]));
        prop_assert_eq!(quote(alone, &candidates), quote(alone, &concerned));
    }

    #[test]
    fn shipping_never_costs_less_than_nothing(
        candidates in prop::collection::vec(candidate(), 0..8),
        currency in currency(),
        product in 0_i64..10_000_000,
        cost in 0_i64..1_000_000,
    ) {
        let request = ShippingDiscount {
            promotion_ids: candidates.iter().map(|one| one.id).collect(),
            product_amount: Money::new(product, currency),
            transport_cost: Money::new(cost, currency),
        };
        let answer = shipping(&request, &candidates);
        prop_assert!((0..=cost).contains(&answer.discount.amount_minor));
        prop_assert_eq!(Money::sum(currency, answer.applied.iter().map(|one| one.saving)), Ok(answer.discount));
        let reversed: Vec<Candidate> = candidates.iter().rev().cloned().collect();
        prop_assert_eq!(shipping(&request, &reversed), answer);
    }

    #[test]
    fn the_best_shipping_promotion_of_each_group_applies_and_an_exclusive_one_alone(
        promotions in prop::collection::vec((candidate(), discounts()), 0..8),
        currency in currency(),
        product in 0_i64..10_000_000,
        cost in 0_i64..1_000_000,
    ) {
        let ship = |(candidate, discount): (Candidate, Discount)| Candidate {
            terms: Terms::ShipDiscount(discount),
            ..candidate
        };
        let candidates: Vec<Candidate> = promotions.into_iter().map(ship).collect();
        let ask = |candidates: &[Candidate]| {
            let request = ShippingDiscount {
                promotion_ids: candidates.iter().map(|one| one.id).collect(),
                product_amount: Money::new(product, currency),
                transport_cost: Money::new(cost, currency),
            };
            shipping(&request, candidates)
        };
        let alone = |one: &Candidate| {
            let one = Candidate { group: "alone".to_owned(), ..one.clone() };
            ask(std::slice::from_ref(&one)).discount.amount_minor
        };
        let savings: Vec<(&Candidate, i64)> = candidates.iter().map(|one| (one, alone(one))).collect();
        let best = best(&savings);
        let saved: i64 = best.iter().map(|(_, saving)| *saving).sum();
        let answer = ask(&candidates);
        prop_assert_eq!(answer.discount.amount_minor, saved.min(cost));
        let expected: BTreeSet<PromotionId> = best.iter().map(|(one, _)| one.id).collect();
        let applied: BTreeSet<PromotionId> = answer.applied.iter().map(|one| one.promotion_id).collect();
        prop_assert!(applied.is_subset(&expected));
        prop_assert!(applied == expected || saved > cost);
    }
}
