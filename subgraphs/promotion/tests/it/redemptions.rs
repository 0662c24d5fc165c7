//! Counting and giving back, one checkout at a time.

use contracts::promotion::RejectionReason;
use kernel::AccountId;
use promotion::store;
use serde_json::json;
use service_kit::Error;

use crate::shop::{Shop, redeem, redeem_as, viewer, vnd};

#[tokio::test]
async fn a_checkout_is_one_use_however_many_of_its_items_a_promotion_applies_to() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10, "usesMax": 1, "budget": vnd(10_000)})).await;
    let command = redeem(vec![shop.line(1_000), shop.line(2_000), shop.line(3_000)], &[]);
    let quote = crate::shop::count(&shop.db, &command).await.unwrap();
    assert!(quote.lines.iter().all(|line| line.applied.len() == 1));
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 600);

    let items: Vec<_> = command.request.lines.iter().map(|line| line.line_id).collect();
    store::give_back(&shop.db, &items[..2]).await.unwrap();
    assert_eq!(shop.number("SELECT uses FROM promotion.promotion").await, 1, "one item still lives");
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 300);
    store::give_back(&shop.db, &items).await.unwrap();
    store::give_back(&shop.db, &items).await.unwrap();
    assert_eq!(shop.number("SELECT uses + spent_minor FROM promotion.promotion").await, 0);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn items_that_never_counted_anything_give_back_nothing() {
    let shop = Shop::open().await;
    store::give_back(&shop.db, &[shop.line(1).line_id]).await.unwrap();
    store::give_back(&shop.db, &[]).await.unwrap();
}

#[tokio::test]
async fn a_checkout_without_a_buyer_or_a_price_is_refused_and_counts_nothing() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10})).await;
    let mut command = redeem(vec![shop.line(1_000)], &[]);
    command.request.buyer_id = None;
    assert!(matches!(crate::shop::count(&shop.db, &command).await, Err(Error::BadInput { .. })));
    let mut command = redeem(vec![shop.line(1_000)], &[]);
    command.request.lines[0].quantity = 0;
    assert!(matches!(crate::shop::count(&shop.db, &command).await, Err(Error::BadInput { .. })));
    assert_eq!(shop.number("SELECT count(*) FROM promotion.redemption").await, 0);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn an_item_of_one_operation_is_not_counted_by_another() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10})).await;
    let line = shop.line(1_000);
    crate::shop::count(&shop.db, &redeem(vec![line.clone()], &[])).await.unwrap();
    let again = crate::shop::count(&shop.db, &redeem(vec![line], &[])).await;
    assert!(matches!(again, Err(Error::BadInput { field: "lines", .. })), "{again:?}");
}

#[tokio::test]
async fn a_code_counts_only_when_it_is_entered_and_only_for_its_sellers_lines() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 50, "code": "half"})).await;
    let without = crate::shop::count(&shop.db, &redeem(vec![shop.line(1_000)], &[])).await.unwrap();
    assert_eq!((without.lines[0].paid_amount.amount_minor, without.rejected.len()), (1_000, 0));
    let with = crate::shop::count(&shop.db, &redeem(vec![shop.line(1_000)], &[" Half "])).await.unwrap();
    assert_eq!(with.lines[0].paid_amount.amount_minor, 500);
    let mut foreign = shop.line(1_000);
    foreign.seller_id = AccountId::new();
    let elsewhere = crate::shop::count(&shop.db, &redeem(vec![foreign], &["HALF"])).await.unwrap();
    assert_eq!(elsewhere.rejected[0].reason, RejectionReason::UnknownCode);
}

#[tokio::test]
async fn a_platform_promotion_touches_every_seller() {
    let shop = Shop::open().await;
    let created = shop.try_promote(&viewer(true), json!({"percentOff": 10, "scope": "PLATFORM"})).await;
    assert_eq!(created["data"]["createPromotion"]["promotion"]["scope"], "PLATFORM", "{created:#}");
    let mut foreign = shop.line(1_000);
    foreign.seller_id = AccountId::new();
    let quote = crate::shop::count(&shop.db, &redeem(vec![foreign, shop.line(1_000)], &[])).await.unwrap();
    assert!(quote.lines.iter().all(|line| line.paid_amount.amount_minor == 900));
}

#[tokio::test]
async fn the_limit_of_an_account_is_its_own() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10, "usesPerAccount": 1})).await;
    let (ann, bob) = (AccountId::new(), AccountId::new());
    let mut paid = Vec::new();
    for buyer in [ann, ann, bob] {
        let quote = crate::shop::count(&shop.db, &redeem_as(buyer, vec![shop.line(1_000)], &[])).await.unwrap();
        paid.push(quote.lines[0].paid_amount.amount_minor);
    }
    assert_eq!(paid, [900, 1_000, 900]);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn a_shipping_promotion_is_used_by_the_checkout_that_earns_it() {
    let shop = Shop::open().await;
    let shipping = json!({"kind": "SHIP_DISCOUNT", "percentOff": 100, "usesMax": 1, "maxDiscount": vnd(30_000)});
    let id = shop.promote(shipping).await;
    let command = redeem(vec![shop.line(1_000)], &[]);
    let earned = crate::shop::count(&shop.db, &command).await.unwrap();
    assert_eq!(earned.lines[0].shipping_promotion_ids, [id]);
    let late = crate::shop::count(&shop.db, &redeem(vec![shop.line(1_000)], &[])).await.unwrap();
    assert_eq!((late.lines[0].shipping_promotion_ids.len(), late.rejected.len()), (0, 1));
    store::give_back(&shop.db, &[command.request.lines[0].line_id]).await.unwrap();
    shop.assert_counters_match_uses().await;
    assert_eq!(store::earned_list(&shop.db, &[id]).await.unwrap().len(), 1);
}
