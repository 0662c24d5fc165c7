//! Promotions from the card to the door: one price everywhere, cashback after delivery, a budget for shipping.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Member};

use crate::stage::{Shop, act, address, id, items_of, key, marketplace};

const PATIENCE: Duration = Duration::from_secs(60);

const QUOTES: &str = "query($codes: [String!]) { me { cart { quotes(codes: $codes) {
    listAmount { amountMinor currency } paidAmount { amountMinor } saving { amountMinor } cashbackAmount { amountMinor }
    lines { sku { id offer(codes: $codes, quantity: 2) { price { amountMinor } cashback { amount { amountMinor } } } }
        quantity paidAmount { amountMinor } applied { promotion { name } amount { amountMinor } }
        cashback { promotion { name } amount { amountMinor } } shippingPromotions { name } }
    rejected { code reason promotion { name } } } } } }";

const MINE: &str = "{ me { promotions(first: 10) { edges { node { name budgetSpent { amountMinor } usesCount } } } } }";

const CASHBACK: &str = "{ me { cashbackBalances { credited { amountMinor } expected { amountMinor } }
    cashback { edges { node { state amount { amountMinor } } } } } }";

async fn promote(shop: &Shop, input: Value) {
    act(&shop.seller.client, "06-seller-creates-a-promotion", input).await;
}

fn vnd(amount: &str) -> Value {
    json!({"amountMinor": amount, "currency": "VND"})
}

/// 10 % off, 5 % cashback, and 10,000 off the transport as long as there is budget for it.
async fn promotions_of(shop: &Shop) {
    promote(shop, json!({"name": "Sale", "kind": "DISCOUNT", "percentOff": 10})).await;
    promote(shop, json!({"name": "Back", "kind": "CASHBACK", "percentOff": 5, "group": "loyalty"})).await;
    let shipping = json!({"name": "Ship", "kind": "SHIP_DISCOUNT", "amountOff": vnd("10000"), "budget": vnd("15000")});
    promote(shop, shipping).await;
    // The window opens in February only, for a minute: if it is open at this very moment, so be it another day.
    let night = json!([{"cron": "0 3 29 2 *", "durationMinutes": 1}]);
    promote(shop, json!({"name": "Night", "kind": "DISCOUNT", "percentOff": 90, "code": "night", "windows": night}))
        .await;
}

async fn fill_the_cart(buyer: &Member, shop: &Shop) {
    let input = json!({"skuId": shop.counted_sku, "quantity": 2});
    act(&buyer.client, "08-buyer-fills-the-cart", input).await;
}

async fn check_out(buyer: &Member, shop: &Shop) -> Value {
    fill_the_cart(buyer, shop).await;
    let input =
        json!({"fromCart": true, "address": address(), "transportOption": "table-rate", "idempotencyKey": key()});
    act(&buyer.client, "09-buyer-checks-out", input).await
}

async fn confirm(shop: &Shop, checkout: &Value) -> Value {
    let input = json!({"itemIds": items_of(checkout), "idempotencyKey": key()});
    act(&shop.seller.client, "12-seller-confirms", input).await["order"].clone()
}

/// What the promotion of this name has cost so far.
async fn spent(client: &Client, name: &str) -> String {
    let data = client.data(MINE, json!({})).await;
    let edges = data["me"]["promotions"]["edges"].as_array().cloned().unwrap_or_default();
    let found = edges.iter().find(|edge| edge["node"]["name"] == name).unwrap_or_else(|| panic!("{name} in {data:#}"));
    id(&found["node"]["budgetSpent"]["amountMinor"])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_the_cart_and_the_checkout_say_the_same_price() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    promotions_of(&shop).await;
    let buyer = stack.member("buyer").await;
    fill_the_cart(&buyer, &shop).await;
    let data = buyer.client.data(QUOTES, json!({"codes": ["Night", "nonsense"]})).await;
    let quote = &data["me"]["cart"]["quotes"][0];
    assert_eq!(quote["listAmount"], vnd("500000"), "{data:#}");
    assert_eq!(quote["paidAmount"]["amountMinor"], "450000");
    assert_eq!(quote["cashbackAmount"]["amountMinor"], "25000");
    let line = &quote["lines"][0];
    assert_eq!((&line["quantity"], &line["paidAmount"]["amountMinor"]), (&json!(2), &json!("450000")));
    assert_eq!(line["sku"]["offer"]["price"]["amountMinor"], "450000", "the card says so too");
    assert_eq!(line["sku"]["offer"]["cashback"][0]["amount"]["amountMinor"], "25000");
    assert_eq!(line["applied"][0]["promotion"]["name"], "Sale");
    assert_eq!(line["shippingPromotions"][0]["name"], "Ship");
    let rejected = json!([
        {"code": "Night", "reason": "NOT_ACTIVE", "promotion": {"name": "Night"}},
        {"code": "nonsense", "reason": "UNKNOWN_CODE", "promotion": null},
    ]);
    assert_eq!(quote["rejected"], rejected, "{data:#}");

    let checkout = check_out(&buyer, &shop).await;
    assert_eq!(checkout["items"][0]["paidAmount"]["amountMinor"], "450000", "{checkout:#}");
    let empty = buyer.client.data(QUOTES, json!({})).await;
    assert_eq!(empty["me"]["cart"]["quotes"], json!([]));
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cashback_is_credited_at_the_door_and_a_shipping_budget_is_spent_once() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    promotions_of(&shop).await;
    let buyer = stack.member("buyer").await;

    let order = confirm(&shop, &check_out(&buyer, &shop).await).await;
    assert_eq!(order["transportDiscount"]["amountMinor"], "10000", "{order:#}");
    assert_eq!(spent(&shop.seller.client, "Ship").await, "10000");
    // Of 15,000 too little is left for a second parcel; once the first order is cancelled there is enough again.
    let second = confirm(&shop, &check_out(&buyer, &shop).await).await;
    assert_eq!(second["transportDiscount"]["amountMinor"], "0", "{second:#}");
    let cancel = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code message } } }";
    let input = json!({"orderId": order["id"], "idempotencyKey": key()});
    let cancelled = buyer.client.data(cancel, json!({"input": input})).await;
    assert_eq!(cancelled["cancelOrder"]["userErrors"], json!([]));
    let given_back = |data: &Value| {
        let edges = data["me"]["promotions"]["edges"].as_array().cloned().unwrap_or_default();
        edges.iter().any(|edge| edge["node"]["name"] == "Ship" && edge["node"]["budgetSpent"]["amountMinor"] == "0")
    };
    shop.seller.client.eventually(MINE, json!({}), PATIENCE, given_back).await;
    let third = confirm(&shop, &check_out(&buyer, &shop).await).await;
    assert_eq!(third["transportDiscount"]["amountMinor"], "10000", "{third:#}");

    // The cancelled order brings none.
    let balance = json!([{"credited": {"amountMinor": "0"}, "expected": {"amountMinor": "50000"}}]);
    let expected = |data: &Value| data["me"]["cashbackBalances"] == balance;
    buyer.client.eventually(CASHBACK, json!({}), PATIENCE, expected).await;
    let input = json!({"orderIds": [third["id"]], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    let balance = json!([{"credited": {"amountMinor": "25000"}, "expected": {"amountMinor": "25000"}}]);
    let credited = |data: &Value| data["me"]["cashbackBalances"] == balance;
    let account = buyer.client.eventually(CASHBACK, json!({}), PATIENCE, credited).await;
    let states: Vec<&Value> =
        account["me"]["cashback"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]["state"]).collect();
    for state in ["CREDITED", "EXPECTED", "CANCELLED"] {
        assert!(states.contains(&&json!(state)), "{account:#}");
    }
    let ledger = "{ me { ledger { entries(first: 50) { edges { node { kind amount { amountMinor } } } } } } }";
    let charged = |data: &Value| {
        let edges = data["me"]["ledger"]["entries"]["edges"].as_array().cloned().unwrap_or_default();
        let charge = json!({"kind": "CASHBACK", "amount": {"amountMinor": "-25000"}});
        edges.iter().filter(|edge| edge["node"] == charge).count() == 1
    };
    shop.seller.client.eventually(ledger, json!({}), PATIENCE, charged).await;
    let told = "{ me { notifications(first: 50) { edges { node { kind } } } } }";
    let done = |data: &Value| data.to_string().contains("CASHBACK_CREDITED");
    buyer.client.eventually(told, json!({}), PATIENCE, done).await;
    stack.assert_sound().await;
}
