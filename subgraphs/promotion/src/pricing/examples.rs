//! Examples of prices, one rule each.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::promotion::{PriceLine, PriceQuote, PriceRequest, RejectionReason, ShippingDiscount};
use kernel::{AccountId, CategoryId, Currency, Money, OrderItemId, Percent, ProductId, PromotionId, SkuId};
use uuid::Uuid;

use super::*;

const SELLER: AccountId = AccountId(Uuid::from_u128(1));

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A line of one SKU of [`SELLER`]; `number` tells SKUs, products and lines apart.
fn line(number: u128, unit_minor: i64, quantity: i64) -> PriceLine {
    PriceLine {
        line_id: OrderItemId(Uuid::from_u128(number)),
        sku_id: SkuId(Uuid::from_u128(number)),
        product_id: ProductId(Uuid::from_u128(number)),
        seller_id: SELLER,
        category_path: vec![CategoryId(Uuid::from_u128(number)), CategoryId(Uuid::from_u128(999))],
        unit_price: Money::new(unit_minor, Currency::VND),
        quantity,
    }
}

fn request(lines: Vec<PriceLine>, codes: &[&str]) -> PriceRequest {
    PriceRequest { buyer_id: None, codes: codes.iter().map(|code| (*code).to_owned()).collect(), lines }
}

fn percent(percent: u32) -> Reduction {
    Reduction::Percent(Percent::from_basis_points(percent * 100).unwrap())
}

fn discount(reduction: Reduction) -> Terms {
    Terms::Discount(Discount { reduction, min_spend_minor: None, max_discount_minor: None })
}

/// A promotion of [`SELLER`] that applies by itself to all products.
fn promotion(number: u128, terms: Terms) -> Candidate {
    Candidate {
        id: PromotionId(Uuid::from_u128(number)),
        seller_id: Some(SELLER),
        name: format!("promotion {number}"),
        code: None,
        group: "default".to_owned(),
        currency: Some(Currency::VND),
        terms,
        targets: Vec::new(),
        enabled: true,
        starts_at: now(),
        ends_at: None,
        windows: Vec::new(),
        uses_left: None,
        budget_left_minor: None,
    }
}

fn paid(quote: &PriceQuote) -> Vec<i64> {
    quote.lines.iter().map(|line| line.paid_amount.amount_minor).collect()
}

fn reasons(quote: &PriceQuote) -> Vec<RejectionReason> {
    quote.rejected.iter().map(|rejected| rejected.reason).collect()
}

fn quote(lines: Vec<PriceLine>, codes: &[&str], candidates: &[Candidate]) -> PriceQuote {
    price(&request(lines, codes), candidates, now()).unwrap()
}

#[test]
fn a_percentage_rounds_half_up_once_for_the_line() {
    let half = promotion(1, discount(percent(50)));
    // 3 × 1 = 3, half of it is 1.5, which rounds to 2; by unit it would have been 3.
    assert_eq!(paid(&quote(vec![line(1, 1, 3)], &[], &[half])), [1]);
}

#[test]
fn a_fixed_price_is_for_each_unit_and_never_raises_a_price() {
    let fixed = promotion(1, discount(Reduction::FixedPrice(70)));
    assert_eq!(paid(&quote(vec![line(1, 100, 2), line(2, 60, 1)], &[], &[fixed])), [140, 60]);
}

#[test]
fn an_amount_off_is_spread_over_the_lines_to_the_minor_unit() {
    let voucher = promotion(1, discount(Reduction::AmountOff(100)));
    let quote = quote(vec![line(1, 100, 1), line(2, 100, 1), line(3, 100, 1)], &[], &[voucher]);
    assert_eq!(paid(&quote), [66, 67, 67]);
}

#[test]
fn a_maximum_is_spread_over_the_lines() {
    let terms = Discount { reduction: percent(50), min_spend_minor: None, max_discount_minor: Some(30) };
    let capped = promotion(1, Terms::Discount(terms));
    assert_eq!(paid(&quote(vec![line(1, 100, 1), line(2, 200, 1)], &[], &[capped])), [90, 180]);
}

#[test]
fn a_minimum_counts_the_targeted_lines_alone() {
    let terms = Discount { reduction: percent(10), min_spend_minor: Some(150), max_discount_minor: None };
    let mut candidate = promotion(1, Terms::Discount(terms));
    candidate.targets = vec![Target::Product(ProductId(Uuid::from_u128(1)))];
    let short = quote(vec![line(1, 100, 1), line(2, 100, 1)], &[], std::slice::from_ref(&candidate));
    assert_eq!((paid(&short), reasons(&short)), (vec![100, 100], vec![RejectionReason::MinimumNotReached]));
    assert_eq!(paid(&quote(vec![line(1, 100, 2), line(2, 100, 1)], &[], &[candidate])), [180, 100]);
}

#[test]
fn a_category_includes_its_descendants() {
    let mut candidate = promotion(1, discount(percent(10)));
    candidate.targets = vec![Target::Category(CategoryId(Uuid::from_u128(999)))];
    assert_eq!(paid(&quote(vec![line(1, 100, 1)], &[], &[candidate])), [90]);
}

#[test]
fn a_sellers_promotion_touches_only_its_own_products_and_the_platforms_all() {
    let mut foreign = line(2, 100, 1);
    foreign.seller_id = AccountId(Uuid::from_u128(2));
    let own = promotion(1, discount(percent(10)));
    let everybodys = Candidate { seller_id: None, group: "platform".to_owned(), ..promotion(2, discount(percent(20))) };
    assert_eq!(paid(&quote(vec![line(1, 100, 1), foreign], &[], &[own, everybodys])), [70, 80]);
}

#[test]
fn groups_stack_and_the_best_of_a_group_wins_line_by_line() {
    let (ten, five) = (promotion(1, discount(percent(10))), promotion(2, discount(percent(5))));
    let mut on_two = promotion(3, discount(percent(30)));
    on_two.targets = vec![Target::Sku(SkuId(Uuid::from_u128(2)))];
    let other = Candidate { group: "other".to_owned(), ..promotion(4, discount(Reduction::AmountOff(20))) };
    let quote = quote(vec![line(1, 100, 1), line(2, 100, 1)], &[], &[ten, five, on_two, other]);
    assert_eq!(paid(&quote), [80, 60]);
    assert_eq!(reasons(&quote), [RejectionReason::Outranked]);
    assert_eq!(quote.lines[1].applied.len(), 2);
}

#[test]
fn an_exclusive_winner_applies_alone_on_its_line() {
    let exclusive = Candidate { group: EXCLUSIVE.to_owned(), ..promotion(1, discount(percent(5))) };
    let exclusive = Candidate { targets: vec![Target::Sku(SkuId(Uuid::from_u128(1)))], ..exclusive };
    let (ten, free) = (promotion(2, discount(percent(10))), promotion(3, shipping_terms(percent(100))));
    let quote = quote(vec![line(1, 100, 1), line(2, 100, 1)], &[], &[ten, free, exclusive]);
    assert_eq!(paid(&quote), [95, 90]);
    assert_eq!(quote.lines[0].shipping_promotion_ids, []);
    assert_eq!(quote.lines[1].shipping_promotion_ids, [PromotionId(Uuid::from_u128(3))]);
}

#[test]
fn stacked_promotions_never_go_below_zero() {
    let (most, rest) = (promotion(1, discount(percent(70))), promotion(2, discount(percent(60))));
    let rest = Candidate { group: "other".to_owned(), ..rest };
    let quote = quote(vec![line(1, 100, 1)], &[], &[rest, most]);
    assert_eq!(paid(&quote), [0]);
    let savings: Vec<_> = quote.lines[0].applied.iter().map(|applied| applied.saving.amount_minor).collect();
    assert_eq!(savings, [70, 30]);
}

#[test]
fn every_entered_code_is_answered_for() {
    let coded = |number, code: &str, terms| Candidate { code: Some(code.to_owned()), ..promotion(number, terms) };
    let works = coded(1, "WORKS", discount(percent(10)));
    let over = Candidate { ends_at: Some(now()), ..coded(2, "OVER", discount(percent(50))) };
    let off = Candidate { enabled: false, ..coded(3, "OFF", discount(percent(50))) };
    let used = Candidate { uses_left: Some(0), ..coded(4, "USED", discount(percent(50))) };
    let spent = Candidate { budget_left_minor: Some(9), ..coded(5, "SPENT", discount(percent(10))) };
    let dollars = Candidate { currency: Some(Currency::USD), ..coded(6, "DOLLARS", discount(percent(50))) };
    let elsewhere = coded(7, "ELSEWHERE", discount(percent(50)));
    let elsewhere = Candidate { targets: vec![Target::Sku(SkuId(Uuid::from_u128(77)))], ..elsewhere };
    let foreign =
        Candidate { seller_id: Some(AccountId(Uuid::from_u128(8))), ..coded(8, "FOREIGN", discount(percent(50))) };
    let unsaid = coded(9, "UNSAID", discount(percent(90)));
    let candidates = [works, over, off, used, spent, dollars, elsewhere, foreign, unsaid];
    let codes = [" works ", "over", "OFF", "used", "spent", "dollars", "elsewhere", "foreign", "nonsense"];
    let quote = quote(vec![line(1, 100, 1)], &codes, &candidates);
    assert_eq!(paid(&quote), [90]);
    let answers: Vec<_> =
        quote.rejected.iter().map(|rejected| (rejected.code.as_deref().unwrap_or(""), rejected.reason)).collect();
    assert_eq!(
        answers,
        [
            ("over", RejectionReason::NotActive),
            ("OFF", RejectionReason::NotActive),
            ("used", RejectionReason::UsesExhausted),
            ("spent", RejectionReason::BudgetExhausted),
            ("dollars", RejectionReason::OtherCurrency),
            ("elsewhere", RejectionReason::NoMatchingLine),
            ("foreign", RejectionReason::UnknownCode),
            ("nonsense", RejectionReason::UnknownCode),
        ]
    );
}

fn bundle(items: &[(u128, i64)], price_minor: i64) -> Terms {
    let items =
        items.iter().map(|(sku, quantity)| BundleItem { sku_id: SkuId(Uuid::from_u128(*sku)), quantity: *quantity });
    Terms::Bundle(Bundle { items: items.collect(), price_minor })
}

#[test]
fn a_bundle_applies_as_often_as_the_set_is_complete() {
    let set = promotion(1, bundle(&[(1, 1), (2, 2)], 150));
    // The set costs 100 + 2 × 50 = 200 otherwise; two sets fit, and a unit of each SKU stays outside.
    assert_eq!(paid(&quote(vec![line(1, 100, 3), line(2, 50, 5)], &[], std::slice::from_ref(&set))), [250, 200]);
    let incomplete = quote(vec![line(1, 100, 3), line(2, 50, 1)], &[], &[set]);
    assert_eq!((paid(&incomplete), reasons(&incomplete)), (vec![300, 50], vec![RejectionReason::MinimumNotReached]));
}

#[test]
fn a_bundle_wins_or_loses_as_a_whole() {
    let set = promotion(1, bundle(&[(1, 1), (2, 1)], 180));
    let mut on_one = promotion(2, discount(percent(15)));
    on_one.targets = vec![Target::Sku(SkuId(Uuid::from_u128(1)))];
    let lines = vec![line(1, 100, 1), line(2, 100, 1)];
    let won = quote(lines.clone(), &[], &[set.clone(), on_one.clone()]);
    assert_eq!(paid(&won), [90, 90], "20 saved by the set against 15");
    on_one.terms = discount(percent(25));
    let lost = quote(lines, &[], &[set, on_one]);
    assert_eq!(paid(&lost), [75, 100], "25 saved on the one line against 20, and nothing is left of the set");
}

#[test]
fn of_every_three_units_the_cheapest_is_free() {
    let terms = BuyXGetY { buy_quantity: 2, get_quantity: 1, percent: Percent::from_basis_points(10_000).unwrap() };
    let candidate = promotion(1, Terms::BuyXGetY(terms));
    let lines = vec![line(1, 100, 3), line(2, 60, 3), line(3, 80, 1)];
    // Seven units make two rounds: two of the cheapest units, at 60, are free.
    assert_eq!(paid(&quote(lines, &[], std::slice::from_ref(&candidate))), [300, 60, 80]);
    assert_eq!(reasons(&quote(vec![line(1, 100, 2)], &[], &[candidate])), [RejectionReason::MinimumNotReached]);
}

fn shipping_terms(reduction: Reduction) -> Terms {
    Terms::ShipDiscount(Discount { reduction, min_spend_minor: Some(100), max_discount_minor: Some(25) })
}

#[test]
fn shipping_promotions_are_earned_by_lines_and_settled_on_the_transport_cost() {
    let percent_off = promotion(1, shipping_terms(percent(50)));
    let amount_off = promotion(2, shipping_terms(Reduction::AmountOff(20)));
    let stacked = Candidate { group: "other".to_owned(), ..promotion(3, shipping_terms(Reduction::FixedPrice(30))) };
    let earned = [percent_off, amount_off, stacked];
    let ids: Vec<PromotionId> = earned.iter().map(|one| one.id).collect();
    let basket = quote(vec![line(1, 100, 1)], &[], &earned);
    assert_eq!(basket.lines[0].shipping_promotion_ids, ids);
    assert_eq!(paid(&basket), [100]);
    assert_eq!(reasons(&quote(vec![line(1, 99, 1)], &[], &earned)), [RejectionReason::MinimumNotReached; 3]);

    let ask = |product: i64, cost: i64| {
        let money = |minor| Money::new(minor, Currency::VND);
        let request = ShippingDiscount {
            promotion_ids: ids.clone(),
            product_amount: money(product),
            transport_cost: money(cost),
        };
        shipping(&request, &earned).discount.amount_minor
    };
    assert_eq!(ask(100, 48), 24 + 18, "the better of the first group, and the one of the other");
    assert_eq!(ask(100, 100), 25 + 25, "each up to its maximum");
    assert_eq!(ask(100, 30), 20, "a fixed price of 30 takes nothing off 30");
    assert_eq!(ask(99, 48), 0, "the goods cost too little");
}

#[test]
fn a_question_without_a_price_is_refused() {
    let ask = |lines| price(&request(lines, &[]), &[], now()).unwrap_err();
    assert_eq!(ask(vec![line(1, 1, 0)]), PricingError::Quantity);
    assert_eq!(ask(vec![line(1, -1, 1)]), PricingError::NegativePrice);
    assert_eq!(ask(vec![line(1, i64::MAX, 2)]), PricingError::Overflow);
    assert_eq!(ask(vec![line(1, i64::MAX, 1), line(2, 1, 1)]), PricingError::Overflow);
    assert_eq!(ask(vec![line(1, 1, 1), line(1, 1, 1)]), PricingError::DuplicateLine);
    let mut dollars = line(2, 1, 1);
    dollars.unit_price.currency = Currency::USD;
    assert_eq!(ask(vec![line(1, 1, 1), dollars]), PricingError::Currencies(Currency::VND, Currency::USD));
    assert!(price(&request(vec![], &["X"]), &[], now()).unwrap().lines.is_empty());
}

fn cashback(reduction: Reduction) -> Terms {
    Terms::Cashback(Discount { reduction, min_spend_minor: None, max_discount_minor: None })
}

fn credited(quote: &PriceQuote) -> Vec<i64> {
    let of_line =
        |line: &contracts::promotion::QuotedLine| line.cashback.iter().map(|one| one.saving.amount_minor).sum();
    quote.lines.iter().map(of_line).collect()
}

#[test]
fn cashback_is_announced_and_lowers_no_price() {
    let ten = promotion(1, cashback(percent(10)));
    let quote = quote(vec![line(1, 105, 1), line(2, 200, 1)], &[], &[ten]);
    assert_eq!((paid(&quote), credited(&quote)), (vec![105, 200], vec![11, 20]));
    assert!(quote.lines.iter().all(|line| line.applied.is_empty()) && quote.rejected.is_empty());
}

#[test]
fn cashback_competes_in_its_group_and_stacks_with_others_up_to_what_is_paid() {
    let (back, off) = (promotion(1, cashback(percent(10))), promotion(2, discount(percent(20))));
    let rivals = quote(vec![line(1, 100, 1)], &[], &[back.clone(), off.clone()]);
    assert_eq!(
        (paid(&rivals), credited(&rivals), reasons(&rivals)),
        (vec![80], vec![0], vec![RejectionReason::Outranked])
    );
    let other = Candidate { group: "loyalty".to_owned(), ..back };
    let stacked = quote(vec![line(1, 100, 1)], &[], &[other.clone(), off]);
    assert_eq!((paid(&stacked), credited(&stacked)), (vec![80], vec![10]));
    let most = Candidate { terms: discount(percent(95)), ..promotion(2, discount(percent(1))) };
    let capped = quote(vec![line(1, 100, 1)], &[], &[other, most]);
    assert_eq!((paid(&capped), credited(&capped)), (vec![5], vec![5]), "no more than is paid comes back");
}

#[test]
fn an_exclusive_cashback_applies_alone() {
    let alone = Candidate { group: EXCLUSIVE.to_owned(), ..promotion(1, cashback(percent(1))) };
    let quote = quote(vec![line(1, 100, 1)], &[], &[alone, promotion(2, discount(percent(50)))]);
    assert_eq!((paid(&quote), credited(&quote)), (vec![100], vec![1]));
}

#[test]
fn a_cashback_budget_that_is_too_small_credits_nothing() {
    let back = Candidate { budget_left_minor: Some(9), ..promotion(1, cashback(percent(10))) };
    let quote = quote(vec![line(1, 100, 1)], &[], &[back]);
    assert_eq!((credited(&quote), reasons(&quote)), (vec![0], vec![RejectionReason::BudgetExhausted]));
}

#[test]
fn a_promotion_applies_in_its_hours_and_is_not_active_outside_them() {
    // `now` is a Friday, at midnight UTC.
    let hours =
        |cron: &str| Window::of(WindowTerms { cron: cron.to_owned(), time_zone: "UTC".to_owned(), minutes: 60 });
    let in_hours = Candidate { windows: vec![hours("0 0 * * 5").unwrap()], ..promotion(1, discount(percent(10))) };
    assert_eq!(now().format("%A %H:%M").to_string(), "Friday 00:00");
    assert_eq!(paid(&quote(vec![line(1, 100, 1)], &[], std::slice::from_ref(&in_hours))), [90]);
    let an_hour_later = now() + TimeDelta::hours(1);
    let later = price(&request(vec![line(1, 100, 1)], &[]), std::slice::from_ref(&in_hours), an_hour_later).unwrap();
    assert_eq!(paid(&later), [100]);
    let coded = Candidate { code: Some("NIGHT".to_owned()), windows: vec![hours("0 1 * * *").unwrap()], ..in_hours };
    let early = quote(vec![line(1, 100, 1)], &["night"], &[coded]);
    assert_eq!((paid(&early), reasons(&early)), (vec![100], vec![RejectionReason::NotActive]));
}

#[test]
fn a_bundle_counts_units_over_lines_of_one_sku_and_never_raises_a_price() {
    // Two lines of the same SKU, as two addresses make them.
    let twin = |number: u128, quantity: i64| PriceLine {
        line_id: OrderItemId(Uuid::from_u128(number)),
        ..line(1, 100, quantity)
    };
    let set = promotion(1, bundle(&[(1, 3)], 200));
    assert_eq!(paid(&quote(vec![twin(10, 2), twin(11, 2)], &[], std::slice::from_ref(&set))).iter().sum::<i64>(), 300);
    let dear = promotion(1, bundle(&[(1, 2)], 500));
    let quoted = quote(vec![line(1, 100, 2)], &[], &[dear]);
    assert_eq!(
        (paid(&quoted), quoted.rejected.len()),
        (vec![200], 0),
        "it makes nothing cheaper, and is not mentioned"
    );
    let gift = promotion(1, bundle(&[(1, 1), (2, 1)], 0));
    assert_eq!(paid(&quote(vec![line(1, 100, 2), line(2, 50, 1)], &[], &[gift])), [100, 0]);
}

#[test]
fn a_bundle_needs_its_own_sellers_units_and_a_price_in_its_currency() {
    let mut foreign = line(2, 100, 1);
    foreign.seller_id = AccountId(Uuid::from_u128(2));
    let set = promotion(1, bundle(&[(1, 1), (2, 1)], 50));
    let short = quote(vec![line(1, 100, 1), foreign], &[], std::slice::from_ref(&set));
    assert_eq!((paid(&short), reasons(&short)), (vec![100, 100], vec![RejectionReason::MinimumNotReached]));
    let huge = promotion(1, bundle(&[(1, 1)], i64::MAX));
    assert_eq!(paid(&quote(vec![line(1, i64::MAX / 1_000, 999)], &[], &[huge])), [i64::MAX / 1_000 * 999]);
}

#[test]
fn a_share_of_the_cheapest_units_is_rounded_once_for_a_line_and_free_units_stay_free() {
    let terms = BuyXGetY { buy_quantity: 1, get_quantity: 2, percent: Percent::from_basis_points(5_000).unwrap() };
    let half = promotion(1, Terms::BuyXGetY(terms));
    // Six units are two rounds: four of the cheapest at half price. 3 × 5 = 15, half of it rounds to 8; 1 × 7 to 4.
    assert_eq!(paid(&quote(vec![line(1, 5, 3), line(2, 7, 3)], &[], std::slice::from_ref(&half))), [7, 17]);
    let free = quote(vec![line(1, 0, 3)], &[], std::slice::from_ref(&half));
    assert_eq!((paid(&free), free.rejected.len()), (vec![0], 0));
    let endless = BuyXGetY { buy_quantity: 999, get_quantity: 999, ..terms };
    let few = quote(vec![line(1, 5, 1_997)], &[], &[promotion(1, Terms::BuyXGetY(endless))]);
    assert_eq!(reasons(&few), [RejectionReason::MinimumNotReached]);
}

#[test]
fn a_shipping_budget_that_is_too_small_takes_nothing_off_and_says_so() {
    let budget =
        |left| Candidate { budget_left_minor: Some(left), ..promotion(1, shipping_terms(Reduction::AmountOff(20))) };
    let money = |minor| Money::new(minor, Currency::VND);
    let request =
        ShippingDiscount { promotion_ids: vec![budget(0).id], product_amount: money(100), transport_cost: money(48) };
    let short = shipping(&request, &[budget(19)]);
    assert_eq!((short.discount, short.rejected[0].reason), (money(0), RejectionReason::BudgetExhausted));
    assert_eq!(shipping(&request, &[budget(20)]).discount, money(20));
    let spent = quote(vec![line(1, 100, 1)], &[], &[budget(0)]);
    assert_eq!(
        (spent.lines[0].shipping_promotion_ids.len(), reasons(&spent)),
        (0, vec![RejectionReason::BudgetExhausted])
    );
}

#[test]
fn terms_are_stored_with_their_kind_and_read_back() {
    let all = [
        discount(percent(12)),
        shipping_terms(Reduction::AmountOff(5)),
        bundle(&[(1, 1), (2, 2)], 150),
        Terms::BuyXGetY(BuyXGetY {
            buy_quantity: 2,
            get_quantity: 1,
            percent: Percent::from_basis_points(5_000).unwrap(),
        }),
        cashback(percent(5)),
    ];
    let kinds: Vec<String> = all
        .iter()
        .map(|terms| {
            let stored = serde_json::to_value(terms).unwrap();
            assert_eq!(&serde_json::from_value::<Terms>(stored.clone()).unwrap(), terms);
            stored["kind"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["DISCOUNT", "SHIP_DISCOUNT", "BUNDLE", "BUY_X_GET_Y", "CASHBACK"]);
}
