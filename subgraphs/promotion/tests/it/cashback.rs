//! Cashback: announced at checkout, credited once after delivery, taken back with its item.

use std::sync::Arc;

use contracts::promotion::{CreditCashback, CreditedCashback, Part, Redeem};
use kernel::{AccountId, OperationId, OrderItemId};
use promotion::store;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service_kit::Viewer;

use crate::shop::{Shop, redeem_as, viewer, vnd};

async fn credit(shop: &Shop, items: &[OrderItemId]) -> Vec<CreditedCashback> {
    let command = CreditCashback { operation_id: OperationId::new(), item_ids: items.to_vec() };
    store::cashback_credit(&shop.db, &command).await.unwrap()
}

fn items(command: &Redeem) -> Vec<OrderItemId> {
    command.request.lines.iter().map(|line| line.line_id).collect()
}

/// A checkout of two lines of 1,000 with 10 % cashback, of which `budget` may be spent.
async fn checked_out(shop: &Shop, buyer: AccountId) -> Redeem {
    shop.promote(json!({"kind": "CASHBACK", "percentOff": 10, "budget": vnd(10_000)})).await;
    let command = redeem_as(buyer, vec![shop.line(1_000), shop.line(1_000)], &[]);
    let quote = crate::shop::count(&shop.db, &command).await.unwrap();
    for line in &quote.lines {
        assert_eq!((line.paid_amount.amount_minor, line.cashback[0].saving.amount_minor), (1_000, 100));
    }
    command
}

const CASHBACK: &str = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Account {
    cashbackBalances { credited { amountMinor currency } expected { amountMinor } }
    cashback { totalCount edges { node { item { id } state amount { amountMinor } credited { amountMinor }
        promotion { name } } } } } } }";

async fn seen(shop: &Shop, by: &Viewer, of: AccountId) -> Value {
    shop.ask(Some(by), CASHBACK, json!({"of": [{"__typename": "Account", "id": of}]})).await
}

#[tokio::test]
async fn cashback_is_counted_at_checkout_and_credited_once_at_delivery() {
    let shop = Shop::open().await;
    let buyer = viewer(false);
    let command = checked_out(&shop, buyer.account_id).await;
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 200, "its budget is taken at once");

    let credited = credit(&shop, &items(&command)[..1]).await;
    assert_eq!(credited.len(), 1);
    assert_eq!((credited[0].amount.amount_minor, credited[0].buyer_id), (100, buyer.account_id));
    assert_eq!(credited[0].borne_by, Some(shop.seller.account_id));
    assert_eq!(credit(&shop, &items(&command)[..1]).await, credited, "again it gives the same, and credits nothing");
    assert_eq!(shop.number("SELECT sum(amount_minor)::bigint FROM promotion.cashback_entry").await, 100);

    let account = seen(&shop, &buyer, buyer.account_id).await["data"]["_entities"][0].clone();
    let balance = json!([{"credited": {"amountMinor": "100", "currency": "VND"}, "expected": {"amountMinor": "100"}}]);
    assert_eq!(account["cashbackBalances"], balance, "{account:#}");
    assert_eq!(account["cashback"]["totalCount"], 2);
    let states: Vec<&Value> =
        account["cashback"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]["state"]).collect();
    assert!(states.contains(&&json!("CREDITED")) && states.contains(&&json!("EXPECTED")), "{account:#}");
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn what_is_given_back_before_the_delivery_is_never_credited_and_after_it_taken_back() {
    let shop = Shop::open().await;
    let buyer = viewer(false);
    let command = checked_out(&shop, buyer.account_id).await;
    let (cancelled, returned) = (items(&command)[0], items(&command)[1]);
    store::give_back(&shop.db, &[cancelled]).await.unwrap();
    assert_eq!(credit(&shop, &[cancelled]).await, []);
    assert_eq!(credit(&shop, &[returned]).await.len(), 1);
    for _ in 0..2 {
        store::give_back(&shop.db, &[returned]).await.unwrap();
    }
    assert_eq!(shop.number("SELECT count(*) FROM promotion.cashback_entry").await, 2);
    assert_eq!(shop.number("SELECT sum(amount_minor)::bigint FROM promotion.cashback_entry").await, 0);
    assert_eq!(credit(&shop, &[returned]).await, [], "a late repetition does not credit it again");
    let account = seen(&shop, &buyer, buyer.account_id).await["data"]["_entities"][0].clone();
    let states: Vec<&Value> =
        account["cashback"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]["state"]).collect();
    assert!(states.contains(&&json!("CANCELLED")) && states.contains(&&json!("TAKEN_BACK")), "{account:#}");
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn cashback_and_budgets_come_back_in_proportion_to_the_units_and_never_more_than_there_was() {
    let shop = Shop::open().await;
    let buyer = viewer(false);
    let command = checked_out(&shop, buyer.account_id).await;
    let (early, late) = (items(&command)[0], items(&command)[1]);
    let give_back = async |item_id, given_back, quantity| {
        store::give_back_part(&shop.db, &[Part { item_id, given_back, quantity }]).await.unwrap();
    };
    let credited = async |item: OrderItemId| {
        let sum = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM promotion.cashback_entry WHERE item_id = ";
        shop.number(&format!("{sum}'{item}'")).await
    };
    // A third comes back before the delivery, and is never credited.
    give_back(early, 1, 3).await;
    assert_eq!(credit(&shop, &[early]).await[0].amount.amount_minor, 67);
    // After it the credit is lowered, once however often it is asked for, in whatever order.
    assert_eq!(credit(&shop, &[late]).await[0].amount.amount_minor, 100);
    for (units, left) in [(1, 67), (1, 67), (2, 33), (1, 33)] {
        give_back(late, units, 3).await;
        assert_eq!(credited(late).await, left);
    }
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 67 + 33);
    let account = seen(&shop, &buyer, buyer.account_id).await["data"]["_entities"][0].clone();
    assert_eq!(account["cashbackBalances"][0]["credited"]["amountMinor"], "100", "{account:#}");
    shop.assert_counters_match_uses().await;
    // The rest goes with the item, and nothing beyond it.
    store::give_back(&shop.db, &[early, late]).await.unwrap();
    give_back(late, 2, 3).await;
    assert_eq!((credited(early).await, credited(late).await), (0, 0));
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 0);
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn what_discounts_cost_comes_back_in_proportion_too() {
    let shop = Shop::open().await;
    shop.promote(json!({"kind": "DISCOUNT", "percentOff": 10, "budget": vnd(10_000)})).await;
    let command = redeem_as(AccountId::new(), vec![shop.line(1_000)], &[]);
    crate::shop::count(&shop.db, &command).await.unwrap();
    let part = Part { item_id: items(&command)[0], given_back: 1, quantity: 8 };
    store::give_back_part(&shop.db, &[part]).await.unwrap();
    assert_eq!(shop.number("SELECT spent_minor FROM promotion.promotion").await, 87, "12.5 come back as 13");
    assert_eq!(shop.number("SELECT uses::bigint FROM promotion.promotion").await, 1, "it is used all the same");
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn cashback_is_the_buyers_own_business() {
    let shop = Shop::open().await;
    let (buyer, stranger) = (viewer(false), viewer(true));
    let answer = seen(&shop, &stranger, buyer.account_id).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
}

#[tokio::test]
async fn the_platform_bears_its_own_cashback() {
    let shop = Shop::open().await;
    shop.try_promote(&viewer(true), json!({"kind": "CASHBACK", "percentOff": 10, "scope": "PLATFORM"})).await;
    let command = redeem_as(AccountId::new(), vec![shop.line(1_000)], &[]);
    crate::shop::count(&shop.db, &command).await.unwrap();
    assert_eq!(credit(&shop, &items(&command)).await[0].borne_by, None);
}

/// A delivery and a return that race: whichever comes first, a credit without an item never stays.
#[tokio::test(flavor = "multi_thread")]
async fn cashback_that_is_credited_and_given_back_at_once_ends_at_nothing() {
    let shop = Arc::new(Shop::open().await);
    shop.promote(json!({"kind": "CASHBACK", "percentOff": 10})).await;
    for _ in 0..20 {
        let command = redeem_as(AccountId::new(), vec![shop.line(1_000)], &[]);
        crate::shop::count(&shop.db, &command).await.unwrap();
        let item = items(&command)[0];
        let race: Vec<_> = (0..10)
            .map(|number| {
                let shop = shop.clone();
                tokio::spawn(async move {
                    if number % 2 == 0 {
                        credit(&shop, &[item]).await;
                    } else {
                        store::give_back(&shop.db, &[item]).await.unwrap();
                    }
                })
            })
            .collect();
        for one in race {
            one.await.unwrap();
        }
        let left = format!(
            "SELECT coalesce(sum(amount_minor), 0)::bigint FROM promotion.cashback_entry WHERE item_id = '{item}'"
        );
        assert_eq!(shop.number(&left).await, 0);
    }
    shop.assert_counters_match_uses().await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_repeat_a_credit() {
    let shop = Shop::open().await;
    let command = checked_out(&shop, AccountId::new()).await;
    credit(&shop, &items(&command)).await;
    for forbidden in [
        "UPDATE promotion.cashback_entry SET amount_minor = 1",
        "DELETE FROM promotion.cashback_entry",
        "INSERT INTO promotion.cashback_entry
            SELECT gen_random_uuid(), item_id, promotion_id, buyer_id, borne_by, amount_minor, currency, kind, at
            FROM promotion.cashback_entry",
    ] {
        assert!(shop.db.execute_unprepared(forbidden).await.is_err(), "{forbidden}");
    }
}
