//! What happens when somebody's time is over: sellers who do not answer, and buyers whose money comes too late.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};

use crate::{
    aftersales::order_until,
    bad_input::{at, refusal},
    carrier::{ordered, pay},
    stage::{Shop, act, checkout_of, id, items_of, key, operation, pay_at_the_sandbox},
};

const PATIENCE: Duration = Duration::from_secs(90);

/// The notifications of a kind, each as its metadata.
async fn told(client: &Client, kind: &str) -> Vec<Value> {
    let query = "{ me { notifications(first: 100) { nodes { kind metadata } } } }";
    let data = client.data(query, json!({})).await;
    let all = data["me"]["notifications"]["nodes"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["kind"] == kind).map(|one| one["metadata"].clone()).collect()
}

/// Waits until an account is told so, and gives the notifications of this kind.
async fn told_at_last(client: &Client, kind: &str) -> Vec<Value> {
    let query = "{ me { notifications(first: 100) { nodes { kind } } } }";
    let is_told = |data: &Value| data.to_string().contains(&format!("\"{kind}\""));
    client.eventually(query, json!({}), PATIENCE, is_told).await;
    told(client, kind).await
}

/// Sellers have next to no time here: a marketplace of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_seller_does_not_answer_in_time_is_released_with_its_stock_and_its_promotion() {
    let stack = Stack::start_with(Layout::Together, &[("SELLER_DEADLINE_SECONDS", "5")]).await;
    let shop = Shop::open(&stack, 10).await;
    let (buyer, seller) = (stack.member("buyer").await, &shop.seller.client);
    // One checkout alone may use it: whoever gets the lower price has it.
    let code = format!("D{}", &key().replace('-', "")[20..]);
    let promotion = json!({"name": "Only once", "kind": "DISCOUNT", "percentOff": 10, "code": code, "usesMax": "1"});
    let promotion = act(seller, "06-seller-creates-a-promotion", promotion).await["promotion"].clone();
    let with_code = || {
        let mut input = checkout_of(&[&shop.counted_sku, &shop.serial_sku], 2);
        input["codes"] = json!([code]);
        input
    };
    let checkout = act(&buyer.client, "09-buyer-checks-out", with_code()).await;
    let items = items_of(&checkout);
    let paid: Vec<&Value> = checkout["items"].as_array().unwrap().iter().map(|item| &item["paidAmount"]).collect();
    for minor in ["450000", "720000"] {
        assert!(paid.contains(&&json!({"amountMinor": minor, "currency": "VND"})), "10 % less: {checkout:#}");
    }

    let expired = "{ me { purchasedItems(filter: {states: [EXPIRED]}) { nodes { id order { id } reason } } } }";
    let is_over = |data: &Value| data["me"]["purchasedItems"]["nodes"].as_array().is_some_and(|all| all.len() == 2);
    let data = buyer.client.eventually(expired, json!({}), PATIENCE, is_over).await;
    for item in &items {
        let shown = json!({"id": item, "order": null, "reason": null});
        let all = data["me"]["purchasedItems"]["nodes"].as_array().unwrap();
        assert!(all.contains(&shown), "{shown:#} in {data:#}");
    }

    // Everything that was taken for it comes back, by nobody's hand, and stands in the history.
    let stock = "query($id: ID!) { product(id: $id) { skus { stock { available taken
        history { nodes { kind takenDelta actor { id } } } } } } }";
    let is_back = |data: &Value| {
        let skus = data["product"]["skus"].as_array().cloned().unwrap_or_default();
        skus.len() == 2 && skus.iter().all(|sku| sku["stock"]["available"] == "10" && sku["stock"]["taken"] == "0")
    };
    let data = seller.eventually(stock, json!({"id": shop.product_id}), PATIENCE, is_back).await;
    for sku in data["product"]["skus"].as_array().unwrap() {
        let history = sku["stock"]["history"]["nodes"].as_array().unwrap();
        let released = json!({"kind": "RELEASE", "takenDelta": "-2", "actor": null});
        let reserved = json!({"kind": "RESERVE", "takenDelta": "2", "actor": {"id": buyer.id}});
        assert_eq!(history[..2], [released, reserved], "the newest first");
    }
    let used = "query($id: ID!) { promotion(id: $id) { usesCount budgetSpent { amountMinor } } }";
    let is_unused = |data: &Value| data["promotion"]["usesCount"] == "0";
    seller.eventually(used, json!({"id": promotion["id"]}), PATIENCE, is_unused).await;

    // Both are told, once, of these items.
    for client in [&buyer.client, seller] {
        let told = told_at_last(client, "ITEMS_EXPIRED").await;
        assert_eq!(told.len(), 1, "{told:#?}");
        let mut named: Vec<String> = told[0]["itemIds"].as_array().unwrap().iter().map(id).collect();
        let mut expected = items.clone();
        named.sort();
        expected.sort();
        assert_eq!(named, expected);
    }

    // It is too late to answer now, for whomever.
    let confirm = json!({"itemIds": [items[0]], "idempotencyKey": key()});
    let late = refusal(seller, &operation("12-seller-confirms"), confirm).await;
    assert_eq!(late, at("ITEM_NOT_PENDING", "itemIds.0"));
    let reject = "mutation($input: RejectItemsInput!) { rejectItems(input: $input) { userErrors { code field } } }";
    let input = json!({"itemIds": [items[1]], "reason": "Sold out.", "idempotencyKey": key()});
    assert_eq!(refusal(seller, reject, input).await, at("ITEM_NOT_PENDING", "itemIds.0"));
    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code field } } }";
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    assert_eq!(refusal(&buyer.client, cancel, input).await, at("ITEM_NOT_PENDING", "itemIds.0"));
    let data = seller.data("{ me { incomingItems { totalCount } sales { totalCount } } }", json!({})).await;
    assert_eq!(data["me"], json!({"incomingItems": {"totalCount": 0}, "sales": {"totalCount": 0}}));

    // The one use is there for the next.
    let checkout = act(&buyer.client, "09-buyer-checks-out", with_code()).await;
    assert_eq!(items_of(&checkout).len(), 2);
    assert!(checkout.to_string().contains("\"450000\""), "10 % less again: {checkout:#}");
    stack.assert_sound().await;
}

const CREDITS: &str = "{ me { paymentCredits { nodes { reason amount { amountMinor } payment { id status } } } } }";

/// The codes that the provider was answered when it reported a payment.
async fn reported(payment: &Value, wishes: &str) -> Vec<String> {
    let url = id(&payment["redirectUrl"]).replacen("/paymentv2/vpcpay.html", "/pay", 1) + "&result=00" + wishes;
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let answers = answer["answers"].as_array().unwrap_or_else(|| panic!("it was not paid: {answer:#}"));
    let mut codes: Vec<String> = answers.iter().map(|answer| id(&answer["RspCode"])).collect();
    codes.sort_unstable();
    codes
}

async fn payment_until(buyer: &Member, payment: &Value, status: &str) {
    let query = "query($id: ID!) { payment(id: $id) { status } }";
    let done = |data: &Value| data["payment"]["status"] == status;
    buyer.client.eventually(query, json!({"id": payment["id"]}), PATIENCE, done).await;
}

/// Buyers have little time here: a marketplace of its own. The parcels go by a carrier that waits to be told, so that
/// orders stay where their payments leave them.
#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_too_late_or_twice_is_credited_and_the_order_can_be_paid_again() {
    let stack = Stack::start_with(Layout::Together, &[("PAYMENT_EXPIRY_SECONDS", "10")]).await;
    let shop = Shop::open(&stack, 10).await;
    let buyer = stack.member("buyer").await;

    // Paid in time, and reported when the time is over: the provider is asked, and the report finds it done. Should the
    // report be faster on a machine that has much else to do, it does it.
    let slow = ordered(&buyer, &shop).await;
    let delayed = pay(&buyer, &slow, "vnpay-qr").await;
    let reporting = {
        let delayed = delayed.clone();
        tokio::spawn(async move { reported(&delayed, "&delay_ms=15000").await })
    };

    // Never paid in time.
    let order_id = ordered(&buyer, &shop).await;
    let first = pay(&buyer, &order_id, "vnpay-qr").await;
    payment_until(&buyer, &first, "EXPIRED").await;
    let order = order_until(&buyer.client, &order_id, "CONFIRMED").await;
    assert_eq!(order["payment"]["status"], "EXPIRED", "the order is as it was: {order:#}");
    assert_eq!(told_at_last(&buyer.client, "PAYMENT_FAILED").await, [json!({"paymentId": first["id"]})]);
    let page = id(&first["redirectUrl"]);
    assert_eq!(reqwest::get(&page).await.unwrap().status(), 400, "the page of the provider knows the time as well");

    // And then the money comes nevertheless, reported three times at once.
    assert_eq!(reported(&first, "&late=true&reports=3").await, ["00", "02", "02"]);
    let credit = |reason: &str, payment: &Value, status: &str| {
        json!({"reason": reason, "amount": {"amountMinor": payment["amount"]["amountMinor"]},
            "payment": {"id": payment["id"], "status": status}})
    };
    let data = buyer.client.data(CREDITS, json!({})).await;
    let late = credit("LATE", &first, "EXPIRED");
    assert_eq!(data["me"]["paymentCredits"]["nodes"], json!([late]), "once");
    order_until(&buyer.client, &order_id, "CONFIRMED").await;

    // The order can be paid again; and whoever pays the same page twice has the second amount credited.
    let second = pay(&buyer, &order_id, "vnpay-qr").await;
    assert_ne!(second["id"], first["id"]);
    pay_at_the_sandbox(&second, "&late=true").await;
    let order = order_until(&buyer.client, &order_id, "PAID").await;
    assert_eq!(order["payment"]["status"], "SUCCEEDED", "{order:#}");
    assert_eq!(reported(&second, "&late=true&again=true&reports=2").await, ["00", "02"]);
    let data = buyer.client.data(CREDITS, json!({})).await;
    let twice = credit("DUPLICATE", &second, "SUCCEEDED");
    assert_eq!(data["me"]["paymentCredits"]["nodes"], json!([twice, late]), "the newest first");

    payment_until(&buyer, &delayed, "SUCCEEDED").await;
    order_until(&buyer.client, &slow, "PAID").await;
    let codes = reporting.await.unwrap();
    assert!(codes == ["00"] || codes == ["02"], "{codes:?}");
    let data = buyer.client.data(CREDITS, json!({})).await;
    assert_eq!(data["me"]["paymentCredits"]["nodes"].as_array().map(Vec::len), Some(2), "none for what was in time");
    stack.assert_sound().await;
}
