//! Hours of promotions: prices follow the clock, and the timer only switches the state.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::promotion::{PriceQuote, PriceRequest};
use kernel::PromotionId;
use promotion::{pricing, store};
use serde_json::{Value, json};

use crate::shop::Shop;

/// Friday, 2 January 2026, 17:59 in Saigon.
fn before() -> DateTime<Utc> {
    "2026-01-02T10:59:00Z".parse().unwrap()
}

async fn happy_hour(shop: &Shop) -> PromotionId {
    let windows = json!([{"cron": "0 18 * * 5", "timeZone": "Asia/Ho_Chi_Minh", "durationMinutes": 120}]);
    shop.promote(json!({"percentOff": 20, "startsAt": "2026-01-01T00:00:00Z", "windows": windows})).await
}

async fn price(shop: &Shop, now: DateTime<Utc>) -> PriceQuote {
    let request = PriceRequest { buyer_id: None, codes: Vec::new(), lines: vec![shop.line(1_000)] };
    let rows = store::candidate_list(&shop.db, &request, now).await.unwrap();
    let candidates: Vec<_> = rows.into_iter().map(|(_, candidate)| candidate).collect();
    pricing::price(&request, &candidates, now).unwrap()
}

async fn state(shop: &Shop, id: PromotionId) -> String {
    let rows = store::promotion_fetch_many(&shop.db, &[id]).await.unwrap();
    format!("{:?}", rows[0].state)
}

/// Lets the timer do everything that is due at `now`.
async fn tick(shop: &Shop, now: DateTime<Utc>) -> usize {
    store::states_switch(&shop.db, now).await.unwrap().len()
}

/// Makes the timer believe that the promotion was last looked at long ago.
async fn forget(shop: &Shop) {
    let sql = "UPDATE promotion.promotion SET state = 'SCHEDULED', next_change_at = '2025-01-01T00:00:00Z'";
    sea_orm::ConnectionTrait::execute_unprepared(&shop.db, sql).await.unwrap();
}

#[tokio::test]
async fn a_price_follows_the_hours_whether_or_not_the_timer_has_fired() {
    let shop = Shop::open().await;
    happy_hour(&shop).await;
    forget(&shop).await;
    let paid =
        async |minutes| price(&shop, before() + TimeDelta::minutes(minutes)).await.lines[0].paid_amount.amount_minor;
    assert_eq!([paid(0).await, paid(1).await, paid(120).await, paid(121).await], [1_000, 800, 800, 1_000]);
}

#[tokio::test]
async fn the_timer_switches_a_promotion_at_its_moments_and_only_then() {
    let shop = Shop::open().await;
    let id = happy_hour(&shop).await;
    forget(&shop).await;
    assert_eq!((tick(&shop, before()).await, state(&shop, id).await), (1, "Paused".to_owned()));
    let opens = before() + TimeDelta::minutes(1);
    assert_eq!(store::next_switch_at(&shop.db).await.unwrap(), Some(opens));
    assert_eq!(tick(&shop, before() + TimeDelta::seconds(59)).await, 0);
    assert_eq!((tick(&shop, opens).await, state(&shop, id).await), (1, "Active".to_owned()));
    assert_eq!(tick(&shop, opens).await, 0, "again changes nothing");
    let closes = opens + TimeDelta::minutes(120);
    assert_eq!(store::next_switch_at(&shop.db).await.unwrap(), Some(closes));
    // A timer that slept through a whole window finds the state of the moment, not that of the past.
    assert_eq!((tick(&shop, closes + TimeDelta::days(7)).await, state(&shop, id).await), (1, "Paused".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_timers_at_once_switch_each_promotion_once() {
    let shop = Shop::open().await;
    for _ in 0..30 {
        happy_hour(&shop).await;
    }
    forget(&shop).await;
    let timers: Vec<_> = (0..8)
        .map(|_| {
            let db = shop.db.clone();
            tokio::spawn(async move { store::states_switch(&db, before()).await.unwrap().len() })
        })
        .collect();
    let mut switched = 0;
    for timer in timers {
        switched += timer.await.unwrap();
    }
    // What somebody held was passed over; the next round finds it.
    switched += tick(&shop, before()).await;
    assert_eq!(switched, 30);
}

#[tokio::test]
async fn the_state_is_what_the_owner_sees_and_lists_by() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10})).await;
    let later = shop.promote(json!({"percentOff": 10, "startsAt": "2999-01-01T00:00:00Z"})).await;
    let off = shop.promote(json!({"percentOff": 10, "enabled": false})).await;
    let list = "query($of: [_Any!]!, $states: [PromotionState!]) { _entities(representations: $of) { ... on Account {
        promotions(states: $states) { edges { node { id state active nextChangeAt windows { cron } } } } } } }";
    let listed = async |states: Value| {
        let of = json!([{"__typename": "Account", "id": shop.seller.account_id}]);
        let answer = shop.ask(Some(&shop.seller), list, json!({"of": of, "states": states})).await;
        answer["data"]["_entities"][0]["promotions"]["edges"].clone()
    };
    assert_eq!(listed(Value::Null).await.as_array().unwrap().len(), 3);
    let only = |id: PromotionId, state: &str, next: Value| json!([{"node": {"id": id, "state": state, "active": false, "nextChangeAt": next, "windows": []}}]);
    assert_eq!(listed(json!(["DISABLED"])).await, only(off, "DISABLED", Value::Null));
    assert_eq!(listed(json!(["SCHEDULED"])).await, only(later, "SCHEDULED", json!("2999-01-01T00:00:00+00:00")));
    let switch = "mutation($input: SetPromotionEnabledInput!) { setPromotionEnabled(input: $input) {
        promotion { state } userErrors { code } } }";
    let on = shop.ask(Some(&shop.seller), switch, json!({"input": {"id": off, "enabled": true}})).await;
    assert_eq!(on["data"]["setPromotionEnabled"]["promotion"]["state"], "ACTIVE", "{on:#}");
}
