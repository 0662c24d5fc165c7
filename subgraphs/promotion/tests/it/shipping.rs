//! Promotions on shipping: what they cost is counted when an order is made, against their budgets.

use std::sync::Arc;

use contracts::promotion::{RedeemShipping, RejectionReason, ShippingDiscount, ShippingOutcome, ShippingQuote};
use kernel::{Currency, Money, OperationId, OrderItemId, PromotionId};
use promotion::store;
use serde_json::json;

use crate::shop::{Shop, redeem, vnd};

fn money(amount_minor: i64) -> Money {
    Money::new(amount_minor, Currency::VND)
}

/// An order of items that have earned a promotion, with a transport cost of 50.
fn order(items: &[OrderItemId], promotion_id: PromotionId) -> RedeemShipping {
    let request =
        ShippingDiscount { promotion_ids: vec![promotion_id], product_amount: money(1_000), transport_cost: money(50) };
    RedeemShipping { operation_id: OperationId::new(), item_ids: items.to_vec(), request }
}

fn counted(outcome: ShippingOutcome) -> ShippingQuote {
    match outcome {
        ShippingOutcome::Counted(quote) => quote,
        ShippingOutcome::Claimed => panic!("another operation has these items"),
    }
}

/// Items of checkouts of their own, which have all earned the promotion.
async fn earned(shop: &Shop, checkouts: usize) -> Vec<OrderItemId> {
    let mut items = Vec::new();
    for _ in 0..checkouts {
        let command = redeem(vec![shop.line(1_000)], &[]);
        let quote = crate::shop::count(&shop.db, &command).await.unwrap();
        assert_eq!(quote.lines[0].shipping_promotion_ids.len(), 1);
        items.push(command.request.lines[0].line_id);
    }
    items
}

async fn free_shipping(shop: &Shop, budget: i64) -> PromotionId {
    shop.promote(json!({"kind": "SHIP_DISCOUNT", "percentOff": 100, "budget": vnd(budget)})).await
}

async fn spent(shop: &Shop) -> i64 {
    shop.number("SELECT spent_minor FROM promotion.promotion").await
}

#[tokio::test]
async fn what_comes_off_the_transport_is_counted_once_and_given_back_with_the_items() {
    let shop = Shop::open().await;
    let id = free_shipping(&shop, 100).await;
    let items = earned(&shop, 1).await;
    assert_eq!(spent(&shop).await, 0, "at checkout nobody knows what it will cost");
    let command = order(&items, id);
    let first = store::shipping_redeem(&shop.db, &command).await.unwrap();
    assert_eq!(store::shipping_redeem(&shop.db, &command).await.unwrap(), first);
    assert_eq!((counted(first).discount, spent(&shop).await), (money(50), 50));
    shop.assert_counters_match_uses().await;
    store::give_back(&shop.db, &items).await.unwrap();
    assert_eq!(spent(&shop).await, 0);
    shop.assert_counters_match_uses().await;
    let late = counted(store::shipping_redeem(&shop.db, &order(&items, id)).await.unwrap());
    assert_eq!(late.discount, money(0), "items that are no more earn nothing");
}

#[tokio::test]
async fn an_order_that_is_not_made_after_all_gives_its_budget_back_and_another_can_take_it() {
    let shop = Shop::open().await;
    let id = free_shipping(&shop, 50).await;
    let items = earned(&shop, 1).await;
    let (given_up, next) = (order(&items, id), order(&items, id));
    counted(store::shipping_redeem(&shop.db, &given_up).await.unwrap());
    assert_eq!(store::shipping_redeem(&shop.db, &next).await.unwrap(), ShippingOutcome::Claimed, "one order at a time");
    for _ in 0..2 {
        store::shipping_release(&shop.db, given_up.operation_id).await.unwrap();
    }
    assert_eq!(spent(&shop).await, 0);
    let again = order(&items, id);
    assert_eq!(counted(store::shipping_redeem(&shop.db, &again).await.unwrap()).discount, money(50));
    // A release that comes before its order leaves nothing for the order to count.
    let never = order(&items, id);
    store::shipping_release(&shop.db, never.operation_id).await.unwrap();
    assert_eq!(store::shipping_redeem(&shop.db, &never).await.unwrap(), ShippingOutcome::Claimed);
    assert_eq!(spent(&shop).await, 50);
    shop.assert_counters_match_uses().await;
}

/// A budget for one parcel, and twenty orders that want it.
#[tokio::test(flavor = "multi_thread")]
async fn a_shipping_budget_for_one_goes_to_one_of_twenty_orders() {
    for _ in 0..10 {
        let shop = Arc::new(Shop::open().await);
        let id = free_shipping(&shop, 99).await;
        let orders: Vec<_> = earned(&shop, 20)
            .await
            .into_iter()
            .map(|item| {
                let shop = shop.clone();
                tokio::spawn(async move { store::shipping_redeem(&shop.db, &order(&[item], id)).await.unwrap() })
            })
            .collect();
        let mut quotes = Vec::new();
        for one in orders {
            quotes.push(counted(one.await.unwrap()));
        }
        assert_eq!(quotes.iter().filter(|quote| quote.discount == money(50)).count(), 1);
        for refused in quotes.iter().filter(|quote| quote.discount == money(0)) {
            assert_eq!(refused.rejected[0].reason, RejectionReason::BudgetExhausted);
        }
        assert_eq!(spent(&shop).await, 50);
        shop.assert_counters_match_uses().await;
    }
}

/// An order is made of items, given up, and its items are cancelled, all at once: nothing stays counted.
#[tokio::test(flavor = "multi_thread")]
async fn counting_releasing_and_giving_back_at_once_leave_nothing_counted() {
    let shop = Arc::new(Shop::open().await);
    let id = free_shipping(&shop, 1_000).await;
    for _ in 0..20 {
        let items = earned(&shop, 1).await;
        let command = order(&items, id);
        let (db, redeeming) = (shop.db.clone(), command.clone());
        let redeeming = tokio::spawn(async move { store::shipping_redeem(&db, &redeeming).await.unwrap() });
        let (db, operation_id) = (shop.db.clone(), command.operation_id);
        let releasing = tokio::spawn(async move { store::shipping_release(&db, operation_id).await.unwrap() });
        let (db, cancelled) = (shop.db.clone(), items.clone());
        let cancelling = tokio::spawn(async move { store::give_back(&db, &cancelled).await.unwrap() });
        redeeming.await.unwrap();
        releasing.await.unwrap();
        cancelling.await.unwrap();
        assert_eq!(spent(&shop).await, 0);
        shop.assert_counters_match_uses().await;
    }
}
