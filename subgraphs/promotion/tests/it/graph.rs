//! Making, changing and seeing promotions.

use serde_json::{Value, json};
use service_kit::Viewer;

use crate::shop::{Shop, viewer, vnd};

const UPDATE: &str = "mutation($input: UpdatePromotionInput!) { updatePromotion(input: $input) {
    promotion { name code percentOff amountOff { amountMinor } minSpend { amountMinor } usesMax
        targets { product { id } sku { id } category { id } } }
    userErrors { code field } } }";

/// The codes and fields of what was refused.
fn refused(answer: &Value, mutation: &str) -> Vec<(String, Value)> {
    let errors = answer["data"][mutation]["userErrors"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), error["field"].clone())).collect()
}

#[tokio::test]
async fn every_broken_rule_is_named_by_its_field() {
    let shop = Shop::open().await;
    let cases = [
        (json!({"percentOff": 10, "name": " "}), "INVALID_TEXT", "name"),
        (json!({"percentOff": 0}), "INVALID_TERMS", "percentOff"),
        (json!({"percentOff": 100.01}), "INVALID_TERMS", "percentOff"),
        (json!({"percentOff": 12.345}), "INVALID_TERMS", "percentOff"),
        (json!({}), "INVALID_TERMS", "percentOff"),
        (json!({"percentOff": 10, "amountOff": vnd(1)}), "INVALID_TERMS", "percentOff"),
        (json!({"amountOff": vnd(0)}), "INVALID_TERMS", "amountOff"),
        (json!({"fixedPrice": vnd(-1)}), "INVALID_TERMS", "fixedPrice"),
        (json!({"percentOff": 10, "minSpend": vnd(0)}), "INVALID_TERMS", "minSpend"),
        (json!({"percentOff": 10, "code": "a b"}), "INVALID_CODE", "code"),
        (json!({"percentOff": 10, "code": "ABC", "autoApply": true}), "INVALID_TERMS", "autoApply"),
        (json!({"percentOff": 10, "autoApply": false}), "INVALID_TERMS", "autoApply"),
        (json!({"percentOff": 10, "group": ""}), "INVALID_TEXT", "group"),
        (json!({"percentOff": 10, "usesMax": 0}), "INVALID_LIMIT", "usesMax"),
        (json!({"percentOff": 10, "budget": vnd(0)}), "INVALID_LIMIT", "budget"),
        (json!({"kind": "CASHBACK", "fixedPrice": vnd(1)}), "INVALID_TERMS", "fixedPrice"),
        (json!({"kind": "CASHBACK"}), "INVALID_TERMS", "percentOff"),
        (window(json!({"cron": "noon", "durationMinutes": 5})), "INVALID_SCHEDULE", "windows.0.cron"),
        (window(json!({"cron": "0 0 31 2 *", "durationMinutes": 5})), "INVALID_SCHEDULE", "windows.0.cron"),
        (window(json!({"cron": "0 9 * * *", "durationMinutes": 0})), "INVALID_SCHEDULE", "windows.0.durationMinutes"),
        (
            window(json!({"cron": "0 9 * * *", "timeZone": "Mars/Olympus", "durationMinutes": 5})),
            "INVALID_SCHEDULE",
            "windows.0.timeZone",
        ),
        (json!({"percentOff": 10, "endsAt": "2020-01-01T00:00:00Z"}), "INVALID_SCHEDULE", "endsAt"),
        (
            json!({"percentOff": 10, "startsAt": "2999-01-02T00:00:00Z", "endsAt": "2999-01-01T00:00:00Z"}),
            "INVALID_SCHEDULE",
            "endsAt",
        ),
        (
            json!({"amountOff": vnd(1), "minSpend": {"amountMinor": "1", "currency": "USD"}}),
            "CURRENCY_MISMATCH",
            "minSpend",
        ),
        (json!({"percentOff": 10, "targets": [{}]}), "INVALID_TARGET", "targets.0"),
        (json!({"kind": "BUNDLE"}), "INVALID_TERMS", "bundle"),
        (json!({"kind": "BUNDLE", "bundle": {"items": [], "price": vnd(1)}}), "INVALID_TERMS", "bundle.items"),
        (json!({"kind": "BUY_X_GET_Y", "buyXGetY": {"buyQuantity": 0, "getQuantity": 1}}), "INVALID_TERMS", "buyXGetY"),
        (json!({"percentOff": 10, "buyXGetY": {"buyQuantity": 1, "getQuantity": 1}}), "INVALID_TERMS", "buyXGetY"),
    ];
    for (input, code, field) in cases {
        let answer = shop.try_promote(&shop.seller, input.clone()).await;
        assert_eq!(refused(&answer, "createPromotion"), [(code.to_owned(), json!(field))], "{input}");
    }
}

fn window(window: Value) -> Value {
    json!({"percentOff": 10, "windows": [window]})
}

#[tokio::test]
async fn a_code_is_taken_once_by_each_owner() {
    let shop = Shop::open().await;
    shop.promote(json!({"percentOff": 10, "code": "summer"})).await;
    let again = shop.try_promote(&shop.seller, json!({"percentOff": 10, "code": "SUMMER"})).await;
    assert_eq!(refused(&again, "createPromotion"), [("CODE_TAKEN".to_owned(), json!("code"))]);
    let elsewhere = shop.try_promote(&viewer(false), json!({"percentOff": 10, "code": "SUMMER"})).await;
    assert_eq!(elsewhere["data"]["createPromotion"]["promotion"]["code"], "SUMMER", "{elsewhere:#}");
}

#[tokio::test]
async fn only_an_administrator_promotes_the_platform() {
    let shop = Shop::open().await;
    let input = json!({"percentOff": 10, "scope": "PLATFORM"});
    let answer = shop.try_promote(&shop.seller, input).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let nobody = shop.ask(None, "mutation { setPromotionEnabled(input: {id: \"00000000-0000-0000-0000-000000000000\", enabled: true}) { userErrors { code } } }", json!({})).await;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let listed = shop.ask(Some(&shop.seller), "{ platformPromotions { edges { node { id } } } }", json!({})).await;
    assert_eq!(listed["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn nobody_but_the_owner_changes_a_promotion_or_sees_its_limits() {
    let shop = Shop::open().await;
    let id = shop.promote(json!({"percentOff": 10, "code": "quiet", "usesMax": 7, "budget": vnd(500)})).await;
    let switch = "mutation($input: SetPromotionEnabledInput!) { setPromotionEnabled(input: $input) {
        promotion { enabled active } userErrors { code } } }";
    for stranger in [viewer(false), viewer(true)] {
        let answer = shop.ask(Some(&stranger), UPDATE, json!({"input": {"id": id, "name": "Mine"}})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
        let answer = shop.ask(Some(&stranger), switch, json!({"input": {"id": id, "enabled": false}})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    }
    let seen = "query($id: ID!) { promotion(id: $id) { name autoApply percentOff code usesMax budget { amountMinor } usesCount } }";
    let seen_by =
        async |viewer: Option<&Viewer>| shop.ask(viewer, seen, json!({"id": id})).await["data"]["promotion"].clone();
    assert_eq!(
        seen_by(Some(&shop.seller)).await,
        json!({"name": "Sale", "autoApply": false, "percentOff": 10.0, "code": "QUIET", "usesMax": "7",
            "budget": {"amountMinor": "500"}, "usesCount": "0"}),
    );
    assert_eq!(
        seen_by(None).await,
        json!({"name": "Sale", "autoApply": false, "percentOff": 10.0, "code": null, "usesMax": null,
            "budget": null, "usesCount": null}),
    );
    let off = shop.ask(Some(&shop.seller), switch, json!({"input": {"id": id, "enabled": false}})).await;
    assert_eq!(off["data"]["setPromotionEnabled"]["promotion"], json!({"enabled": false, "active": false}));
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name() {
    let shop = Shop::open().await;
    let product = "01890000-0000-7000-8000-000000000001";
    let id = shop
        .promote(json!({"percentOff": 12.5, "minSpend": vnd(100), "usesMax": 3, "targets": [{"productId": product}]}))
        .await;
    let changed = shop.ask(Some(&shop.seller), UPDATE, json!({"input": {"id": id, "name": "New"}})).await;
    let same = json!({"name": "New", "code": null, "percentOff": 12.5, "amountOff": null,
        "minSpend": {"amountMinor": "100"}, "usesMax": "3",
        "targets": [{"product": {"id": product}, "sku": null, "category": null}]});
    assert_eq!(changed["data"]["updatePromotion"]["promotion"], same, "{changed:#}");
    let input =
        json!({"id": id, "amountOff": vnd(5), "minSpend": null, "usesMax": null, "targets": [], "code": "five"});
    let changed = shop.ask(Some(&shop.seller), UPDATE, json!({"input": input})).await;
    let other = json!({"name": "New", "code": "FIVE", "percentOff": null, "amountOff": {"amountMinor": "5"},
        "minSpend": null, "usesMax": null, "targets": []});
    assert_eq!(changed["data"]["updatePromotion"]["promotion"], other, "{changed:#}");
}

#[tokio::test]
async fn limits_do_not_fall_below_what_has_been_used() {
    let shop = Shop::open().await;
    let id = shop.promote(json!({"percentOff": 10})).await;
    for _ in 0..2 {
        let command = crate::shop::redeem(vec![shop.line(1_000)], &[]);
        crate::shop::count(&shop.db, &command).await.unwrap();
    }
    let update = async |input: Value| {
        let mut input = input;
        input["id"] = json!(id);
        refused(&shop.ask(Some(&shop.seller), UPDATE, json!({"input": input})).await, "updatePromotion")
    };
    assert_eq!(update(json!({"usesMax": 1})).await, [("INVALID_LIMIT".to_owned(), json!("usesMax"))]);
    assert_eq!(update(json!({"budget": vnd(199)})).await, [("INVALID_LIMIT".to_owned(), json!("budget"))]);
    assert_eq!(update(json!({"usesMax": 2, "budget": vnd(200)})).await, []);
    shop.assert_counters_match_uses().await;
    // What was used in one currency costs nothing in another, and counts again when it comes back.
    for budget in [json!({"amountMinor": "1", "currency": "USD"}), Value::Null, vnd(200)] {
        assert_eq!(update(json!({"budget": budget})).await, []);
        shop.assert_counters_match_uses().await;
    }
}

#[tokio::test]
async fn an_account_lists_its_own_promotions_and_no_others() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(json!(shop.promote(json!({"percentOff": 10})).await));
    }
    let list = "query($of: [_Any!]!, $after: String) { _entities(representations: $of) { ... on Account {
        promotions(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } } } }";
    let of = json!([{"__typename": "Account", "id": shop.seller.account_id}]);
    let page = shop.ask(Some(&shop.seller), list, json!({"of": of})).await;
    let promotions = &page["data"]["_entities"][0]["promotions"];
    assert_eq!(promotions["totalCount"], 3, "{page:#}");
    assert_eq!(promotions["edges"], json!([{"node": {"id": ids[2]}}, {"node": {"id": ids[1]}}]));
    let after = &promotions["pageInfo"]["endCursor"];
    let rest = shop.ask(Some(&shop.seller), list, json!({"of": of, "after": after})).await;
    let rest = &rest["data"]["_entities"][0]["promotions"];
    assert_eq!((&rest["edges"], &rest["pageInfo"]["hasNextPage"]), (&json!([{"node": {"id": ids[0]}}]), &json!(false)));
    let foreign = shop.ask(Some(&viewer(true)), list, json!({"of": of})).await;
    assert_eq!(foreign["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
