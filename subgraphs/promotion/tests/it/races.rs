//! What twenty want at once and only one can have.

use std::sync::Arc;

use contracts::promotion::{PriceQuote, Redeem, RejectionReason};
use kernel::AccountId;
use promotion::store;
use serde_json::{Value, json};

use crate::shop::{Shop, redeem, redeem_as, vnd};

/// Every race for the last of something is run so often.
const ROUNDS: usize = 20;

/// Redeems all at once.
async fn redeem_all(shop: &Arc<Shop>, commands: Vec<Redeem>) -> Vec<PriceQuote> {
    let running: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let shop = shop.clone();
            tokio::spawn(async move { crate::shop::count(&shop.db, &command).await.unwrap() })
        })
        .collect();
    let mut quotes = Vec::new();
    for redemption in running {
        quotes.push(redemption.await.unwrap());
    }
    quotes
}

fn winners(quotes: &[PriceQuote]) -> usize {
    quotes.iter().filter(|quote| !quote.lines[0].applied.is_empty()).count()
}

/// Twenty checkouts for what is left for one; the others pay the list price and are told why.
async fn one_of_twenty(limits: Value, reason: RejectionReason, buyers: impl Fn() -> AccountId) {
    let street = Shop::open().await;
    for _ in 0..ROUNDS {
        let shop = Arc::new(street.next_door());
        let mut input = json!({"percentOff": 10, "minSpend": vnd(1)});
        input.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        shop.promote(input).await;
        let commands = (0..20).map(|_| redeem_as(buyers(), vec![shop.line(1_000)], &[])).collect();
        let quotes = redeem_all(&shop, commands).await;
        assert_eq!(winners(&quotes), 1);
        for quote in quotes.iter().filter(|quote| quote.lines[0].applied.is_empty()) {
            assert_eq!(quote.lines[0].paid_amount, quote.lines[0].list_amount);
            assert_eq!(quote.rejected.iter().map(|one| one.reason).collect::<Vec<_>>(), [reason]);
        }
    }
    street.assert_counters_match_uses().await;
}

#[tokio::test]
async fn the_last_use_goes_to_one_of_twenty_checkouts() {
    one_of_twenty(json!({"usesMax": 1}), RejectionReason::UsesExhausted, AccountId::new).await;
}

#[tokio::test]
async fn the_last_of_a_budget_goes_to_one_of_twenty_checkouts() {
    one_of_twenty(json!({"budget": vnd(199)}), RejectionReason::BudgetExhausted, AccountId::new).await;
}

#[tokio::test]
async fn the_only_use_of_an_account_goes_to_one_of_its_twenty_checkouts() {
    let buyer = AccountId::new();
    one_of_twenty(json!({"usesPerAccount": 1}), RejectionReason::UsesExhausted, || buyer).await;
}

#[tokio::test]
async fn checkouts_that_use_several_promotions_do_not_wait_in_a_circle() {
    let shop = Arc::new(Shop::open().await);
    for group in ["a", "b", "c", "d"] {
        shop.promote(json!({"percentOff": 5, "group": group, "budget": vnd(1_000)})).await;
    }
    let commands = (0..40).map(|_| redeem(vec![shop.line(1_000), shop.line(1_000)], &[])).collect();
    let quotes = redeem_all(&shop, commands).await;
    // Each checkout takes 100 of each budget of 1000.
    assert_eq!(winners(&quotes), 10);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn one_operation_at_twenty_places_counts_once_and_answers_alike() {
    let street = Shop::open().await;
    for round in 1..=ROUNDS {
        let shop = Arc::new(street.next_door());
        shop.promote(json!({"percentOff": 10, "usesMax": 5})).await;
        let command = redeem(vec![shop.line(1_000)], &[]);
        let quotes = redeem_all(&shop, vec![command; 20]).await;
        assert!(quotes.iter().all(|quote| *quote == quotes[0]));
        let uses = shop.number("SELECT sum(uses)::bigint FROM promotion.promotion").await;
        assert_eq!(usize::try_from(uses).unwrap(), round);
    }
    street.assert_counters_match_uses().await;
}

#[tokio::test]
async fn items_given_back_at_once_from_many_places_end_the_use_once() {
    let shop = Arc::new(Shop::open().await);
    shop.promote(json!({"percentOff": 10, "budget": vnd(10_000)})).await;
    let (kept, ended) = (redeem(vec![shop.line(1_000)], &[]), redeem(vec![shop.line(1_000), shop.line(1_000)], &[]));
    redeem_all(&shop, vec![kept, ended.clone()]).await;
    let items: Vec<_> = ended.request.lines.iter().map(|line| line.line_id).collect();
    let returns: Vec<_> = (0..20)
        .map(|number| {
            let (shop, item) = (shop.clone(), items[number % 2]);
            tokio::spawn(async move { store::give_back(&shop.db, &[item]).await.unwrap() })
        })
        .collect();
    for given_back in returns {
        given_back.await.unwrap();
    }
    assert_eq!(shop.number("SELECT uses FROM promotion.promotion").await, 1);
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 100);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn what_is_given_back_can_be_used_again_while_others_wait_for_it() {
    let shop = Arc::new(Shop::open().await);
    shop.promote(json!({"percentOff": 10, "usesMax": 1})).await;
    let first = redeem(vec![shop.line(1_000)], &[]);
    crate::shop::count(&shop.db, &first).await.unwrap();
    let returning = {
        let (shop, item) = (shop.clone(), first.request.lines[0].line_id);
        tokio::spawn(async move { store::give_back(&shop.db, &[item]).await.unwrap() })
    };
    let commands = (0..10).map(|_| redeem(vec![shop.line(1_000)], &[])).collect();
    let during = winners(&redeem_all(&shop, commands).await);
    returning.await.unwrap();
    assert!(during <= 1);
    let after = crate::shop::count(&shop.db, &redeem(vec![shop.line(1_000)], &[])).await.unwrap();
    assert_eq!(during + winners(&[after]), 1);
    // The first answer stays what it was, whatever has been given back.
    let again = crate::shop::count(&shop.db, &first).await.unwrap();
    assert_eq!(winners(&[again]), 1);
    shop.assert_counters_match_uses().await;
}
