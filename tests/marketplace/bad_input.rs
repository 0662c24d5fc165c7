//! What buyers and sellers must not do: each answers with a code of its own, and changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Member};

use crate::{
    aftersales::{order_until, request},
    stage::{Shop, act, address, available, checkout_of, id, items_of, key, marketplace, operation},
};

/// The code and the field of the first refusal of a saved operation.
async fn refused(client: &Client, name: &str, input: Value) -> (String, Value) {
    refusal(client, &operation(name), input).await
}

async fn refusal(client: &Client, query: &str, input: Value) -> (String, Value) {
    let data = client.data(query, json!({"input": input})).await;
    let payload = data.as_object().and_then(|data| data.values().next()).cloned().unwrap_or_default();
    let error = &payload["userErrors"][0];
    assert!(error["code"].is_string(), "it was let through: {payload:#}");
    (id(&error["code"]), error["field"].clone())
}

/// What must be the same after a refusal.
async fn state(buyer: &Member, shop: &Shop) -> (i64, i64, Value) {
    let mine = "{ me { purchasedItems { totalCount } purchases { totalCount edges { node { status } } }
        cart { totalQuantity } refunds(role: BUYER) { totalCount } } }";
    let counted = available(&buyer.client, &shop.product_id, &shop.counted_sku).await;
    let serial = available(&buyer.client, &shop.product_id, &shop.serial_sku).await;
    (counted, serial, buyer.client.data(mine, json!({})).await)
}

fn line_of(sku: &str, quantity: i64) -> Value {
    let mut input = checkout_of(&[sku], 1);
    input["lines"][0]["quantity"] = json!(quantity);
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_checkout_is_refused_by_its_field_and_changes_nothing() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let other = Shop::open(stack, 10).await;
    let (buyer, neighbour) = (stack.member("buyer").await, stack.member("neighbour").await);
    let seller = &shop.seller.client;
    let before = state(&buyer, &shop).await;
    let checkout = async |client: &Client, input: Value| refused(client, "09-buyer-checks-out", input).await;
    let expect = |code: &str, field: &str| (code.to_owned(), json!(field));

    for quantity in [0, -1, 1000, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let answer = checkout(&buyer.client, line_of(&shop.counted_sku, quantity)).await;
        assert_eq!(answer, expect("QUANTITY_OUT_OF_RANGE", "lines.0.quantity"), "{quantity}");
    }
    let input = json!({"input": line_of(&shop.counted_sku, 1 << 40)});
    let reply = buyer.client.send(&operation("09-buyer-checks-out"), input).await;
    assert!(!reply.errors.is_empty() && reply.data["checkout"].is_null(), "it is no Int: {reply:#?}");
    for quantity in [-1, 1000, i32::MAX] {
        let input = json!({"skuId": shop.counted_sku, "quantity": quantity});
        let answer = refused(&buyer.client, "08-buyer-fills-the-cart", input).await;
        assert_eq!(answer, expect("QUANTITY_OUT_OF_RANGE", "quantity"), "{quantity}");
    }

    let own = checkout(seller, checkout_of(&[&shop.counted_sku], 1)).await;
    assert_eq!(own, expect("OWN_PRODUCT", "lines.0.skuId"));
    let unknown = checkout(&buyer.client, checkout_of(&[&shop.product_id], 1)).await;
    assert_eq!(unknown, expect("SKU_NOT_FOUND", "lines.0.skuId"));

    let enable = "mutation($input: SetProductEnabledInput!) {
        setProductEnabled(input: $input) { userErrors { code } } }";
    let switched =
        other.seller.client.data(enable, json!({"input": {"productId": other.product_id, "enabled": false}})).await;
    assert_eq!(switched["setProductEnabled"]["userErrors"], json!([]));
    let disabled = checkout(&buyer.client, checkout_of(&[&other.counted_sku], 1)).await;
    assert_eq!(disabled, expect("SKU_NOT_ON_SALE", "lines.0.skuId"));
    let delete = "mutation($input: DeleteProductInput!) { deleteProduct(input: $input) { userErrors { code } } }";
    let deleted = other.seller.client.data(delete, json!({"input": {"productId": other.product_id}})).await;
    assert_eq!(deleted["deleteProduct"]["userErrors"], json!([]));
    let gone = checkout(&buyer.client, checkout_of(&[&other.counted_sku], 1)).await;
    assert!(["SKU_NOT_FOUND", "SKU_NOT_ON_SALE"].contains(&gone.0.as_str()), "{gone:?}");
    assert_eq!(gone.1, "lines.0.skuId");

    let abroad = abroad(&buyer.client, &shop).await;
    let mixed = checkout(&buyer.client, checkout_of(&[&shop.counted_sku, &abroad], 1)).await;
    assert_eq!(mixed, expect("CURRENCIES_MIXED", "lines"));

    let mut theirs = address();
    theirs["address"] = json!("7 Trang Tien, Ha Noi");
    let contact = act(&neighbour.client, "02-seller-sets-a-contact", theirs).await;
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input.as_object_mut().unwrap().remove("address");
    input["contactId"] = contact["contact"]["id"].clone();
    assert_eq!(checkout(&buyer.client, input.clone()).await, expect("CONTACT_NOT_FOUND", "contactId"));
    input["address"] = address();
    assert_eq!(checkout(&buyer.client, input).await, expect("ADDRESS_INVALID", "address"), "one of the two");

    for (code, why) in [(expired_code(seller).await, "expired"), (code_of(&other.seller.client).await, "foreign")] {
        let mut input = checkout_of(&[&shop.counted_sku], 1);
        input["codes"] = json!([code]);
        assert_eq!(checkout(&buyer.client, input).await, expect("CODE_REJECTED", "codes.0"), "{why}");
    }
    assert_eq!(state(&buyer, &shop).await, before);
    stack.assert_sound().await;
}

/// A SKU of the shop's seller that is priced in dollars.
async fn abroad(client: &Client, shop: &Shop) -> String {
    let query = "query($id: ID!) { product(id: $id) { category { id } } }";
    let data = client.data(query, json!({"id": shop.product_id})).await;
    let sku = json!({"price": {"amountMinor": "1999", "currency": "USD"}, "weightGrams": 100, "featured": true});
    let input = json!({"name": "Export lamp", "description": "Made for export.", "idempotencyKey": key(),
        "categoryId": data["product"]["category"]["id"], "skus": [sku]});
    let product = act(&shop.seller.client, "04-seller-creates-a-product", input).await["product"].clone();
    let sku_id = id(&product["skus"][0]["id"]);
    let input = json!({"skuId": sku_id, "quantity": "5", "idempotencyKey": key()});
    act(&shop.seller.client, "05-seller-imports-stock", input).await;
    sku_id
}

/// The code of a promotion that the seller makes.
async fn code_of(seller: &Client) -> String {
    promotion_with_code(seller).await.1
}

async fn expired_code(seller: &Client) -> String {
    let (promotion_id, code) = promotion_with_code(seller).await;
    let update = "mutation($input: UpdatePromotionInput!) {
        updatePromotion(input: $input) { userErrors { code field } } }";
    let input = json!({"id": promotion_id, "endsAt": "2020-02-01T00:00:00Z"});
    let data = seller.data(update, json!({"input": input})).await;
    assert_eq!(data["updatePromotion"]["userErrors"], json!([]));
    code
}

async fn promotion_with_code(seller: &Client) -> (String, String) {
    let code = format!("C{}", &key().replace('-', "")[20..]);
    let input = json!({"name": "Code", "kind": "DISCOUNT", "percentOff": 10, "code": code,
        "startsAt": "2020-01-01T00:00:00Z"});
    let made = act(seller, "06-seller-creates-a-promotion", input).await;
    (id(&made["promotion"]["id"]), code)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_turn_or_somebody_elses_is_refused_and_changes_nothing() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let (buyer, neighbour) = (stack.member("buyer").await, stack.member("neighbour").await);
    let seller = &shop.seller.client;
    let pending = async |member: &Member| {
        items_of(&act(&member.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await)
    };
    let (mine, theirs) = (pending(&buyer).await, pending(&neighbour).await);
    let confirm = |items: Value| json!({"itemIds": items, "idempotencyKey": key()});
    let expect = |code: &str, field: &str| (code.to_owned(), json!(field));

    let together = refused(seller, "12-seller-confirms", confirm(json!([mine[0], theirs[0]]))).await;
    assert_eq!(together.0, "ITEMS_NOT_TOGETHER", "two buyers");
    let stranger = refused(&neighbour.client, "12-seller-confirms", confirm(json!(mine))).await;
    assert_eq!(stranger.0, "ITEM_NOT_FOUND");
    assert_eq!(refused(seller, "12-seller-confirms", confirm(json!([]))).await.0, "LINE_COUNT_OUT_OF_RANGE");
    let order_id = id(&act(seller, "12-seller-confirms", confirm(json!(mine))).await["order"]["id"]);
    assert_eq!(refused(seller, "12-seller-confirms", confirm(json!(mine))).await.0, "ITEM_NOT_PENDING");

    let pay = |method: &str| json!({"orderIds": [order_id], "method": method, "idempotencyKey": key()});
    let foreign = refused(&neighbour.client, "14-buyer-pays", pay("cod")).await;
    assert_eq!(foreign, expect("ORDER_NOT_FOUND", "orderIds.0"), "somebody else's order");
    assert_eq!(refused(&buyer.client, "14-buyer-pays", pay("gold")).await, expect("PAYMENT_METHOD_UNKNOWN", "method"));
    let ask = "mutation($input: RequestRefundInput!) { requestRefund(input: $input) { userErrors { code field } } }";
    let refund = |quantity: i32| request(&order_id, json!([{"itemId": mine[0], "quantity": quantity}]));
    assert_eq!(refusal(&buyer.client, ask, refund(1)).await.0, "ORDER_NOT_REFUNDABLE", "it is not paid");

    let before = state(&buyer, &shop).await;
    act(&buyer.client, "14-buyer-pays", pay("cod")).await;
    for method in ["cod", "vnpay-qr"] {
        let twice = refused(&buyer.client, "14-buyer-pays", pay(method)).await.0;
        assert!(["ORDER_NOT_PAYABLE", "ORDER_IN_PAYMENT"].contains(&twice.as_str()), "{twice}");
    }
    order_until(&buyer.client, &order_id, "DELIVERED").await;
    for quantity in [0, -1, 2, i32::MAX] {
        let (code, _) = refusal(&buyer.client, ask, refund(quantity)).await;
        assert_eq!(code, "REFUND_QUANTITY_OUT_OF_RANGE", "{quantity}");
    }
    assert_eq!(refusal(&neighbour.client, ask, refund(1)).await.0, "ORDER_NOT_FOUND");
    let after = state(&buyer, &shop).await;
    assert_eq!((before.0, before.1), (after.0, after.1));
    assert_eq!(after.2["me"]["refunds"]["totalCount"], 0);
    stack.assert_sound().await;
}

/// Amounts off by one, a forged report and a report twice, through the sandbox: its answers are VNPay's codes.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_wrong_or_repeated_answers_in_the_codes_of_the_provider() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;
    let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
    let order_id = id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]);
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    let url = id(&payment["redirectUrl"]).replacen("/paymentv2/vpcpay.html", "/pay", 1) + "&result=00";
    let report = async |wishes: &str| -> Vec<String> {
        let answer: Value = reqwest::get(format!("{url}{wishes}")).await.unwrap().json().await.unwrap();
        answer["answers"].as_array().unwrap().iter().map(|answer| id(&answer["RspCode"])).collect()
    };
    assert_eq!(report("&wrong_amount=true").await, ["04"]);
    assert_eq!(report("&wrong_signature=true").await, ["97"]);
    let status = "query($id: ID!) { order(id: $id) { status } }";
    let data = buyer.client.data(status, json!({"id": order_id})).await;
    assert_eq!(data["order"]["status"], "CONFIRMED", "neither has paid it");
    let mut twice = report("&reports=2").await;
    twice.sort_unstable();
    assert_eq!(twice, ["00", "02"]);
    let paid = |data: &Value| data["order"]["status"] != "CONFIRMED";
    buyer.client.eventually(status, json!({"id": order_id}), Duration::from_secs(60), paid).await;
    let credits = buyer.client.data("{ me { paymentCredits { totalCount } } }", json!({})).await;
    assert_eq!(credits["me"]["paymentCredits"]["totalCount"], 0);
    stack.assert_sound().await;
}
