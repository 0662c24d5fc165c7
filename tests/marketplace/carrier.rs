//! Parcels that go by GHTK, which the sandbox plays; and what is switched off, or was never reported.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};

use crate::stage::{
    Shop, act, address, administrator, available, checkout_of, id, items_of, key, marketplace, operation,
    pay_at_the_sandbox,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// Something that whoever plays the carrier does.
pub(crate) async fn carrier(stack: &Stack, what: &str) -> Value {
    let url = format!("{}/ghtk/{what}", stack.status()["sandbox_url"].as_str().unwrap());
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

/// An order of one lamp that goes by GHTK, confirmed.
pub(crate) async fn ordered(buyer: &Member, shop: &Shop) -> String {
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input["transportOption"] = json!("ghtk-economy");
    let items = items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}

pub(crate) async fn pay(buyer: &Member, order_id: &str, method: &str) -> Value {
    let input = json!({"orderIds": [order_id], "method": method, "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await["payment"].clone()
}

/// Waits until the carrier knows of the parcel, and gives its code.
pub(crate) async fn announced(client: &Client, order_id: &str) -> String {
    let query = "query($id: ID!) { order(id: $id) { shipment { trackingCode } } }";
    let done = |data: &Value| data["order"]["shipment"]["trackingCode"].is_string();
    let data = client.eventually(query, json!({"id": order_id}), PATIENCE, done).await;
    id(&data["order"]["shipment"]["trackingCode"])
}

async fn cancel(buyer: &Member, order_id: &str) {
    let query = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }";
    let input = json!({"orderId": order_id, "idempotencyKey": key()});
    let data = buyer.client.data(query, json!({"input": input})).await;
    assert_eq!(data["cancelOrder"]["userErrors"], json!([]));
}

async fn called_back(stack: &Stack, order_id: &str) {
    for _ in 0..600 {
        if carrier(stack, "parcels").await[order_id]["status"] == -1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the parcel of {order_id} was not called back: {:#}", carrier(stack, "parcels").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_by_ghtk_although_its_reports_come_twice_and_the_last_first() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let order_id = ordered(&buyer, &shop).await;
    pay_at_the_sandbox(&pay(&buyer, &order_id, "vnpay-qr").await, "").await;
    let label = announced(&buyer.client, &order_id).await;
    let parcel = carrier(stack, "parcels").await[&order_id].clone();
    assert_eq!((&parcel["label"], &parcel["pickMoney"]), (&json!(label), &json!(0)), "it is paid");

    let print = "query($id: ID!) { shipmentLabel(orderId: $id) { pdfBase64 } }";
    let printed = shop.seller.client.data(print, json!({"id": order_id})).await;
    let pdf = id(&printed["shipmentLabel"]["pdfBase64"]);
    assert!(pdf.starts_with("JVBERi"), "{pdf} is no PDF");
    let hidden = buyer.client.send(print, json!({"id": order_id})).await;
    assert_eq!(hidden.code(), Some("NOT_FOUND"), "{hidden:#?}");

    let forged = carrier(stack, &format!("report?partner_id={order_id}&statuses=5&wrong_secret=true")).await;
    assert_eq!(forged["answers"], json!([403]));
    let order = buyer.client.data("query($id: ID!) { order(id: $id) { status } }", json!({"id": order_id})).await;
    assert_eq!(order["order"]["status"], "PAID", "a forged report moves nothing");

    let reports = format!("report?partner_id={order_id}&statuses=3,4,5&reports=2&reversed=true");
    assert_eq!(carrier(stack, &reports).await["answers"], json!([200, 200, 200, 200, 200, 200]));
    let done = |data: &Value| data["order"]["status"] == "DELIVERED";
    let query = operation("15-an-order-of-its-parties");
    buyer.client.eventually(&query, json!({"id": order_id}), PATIENCE, done).await;
    // What comes after the end changes nothing.
    carrier(stack, &format!("report?partner_id={order_id}&statuses=3,9,21")).await;
    let order = buyer.client.data(&query, json!({"id": order_id})).await;
    assert_eq!(order["order"]["status"], "DELIVERED");
    stack.assert_sound().await;
}

/// What was said of an order and of its payment, as the operators find it: operation, HTTP status, and all of it as text.
async fn kept(stack: &Stack, subjects: &[&str]) -> Vec<(String, Option<i16>, String)> {
    let sql = format!(
        r#"SELECT operation, http_status, to_jsonb(e)::text AS row FROM "order".provider_exchange e
           WHERE subject_id::text IN ('{0}') OR request->>'label' IN ('{0}') ORDER BY id"#,
        subjects.join("', '")
    );
    let owner = stack.database.connect_as_owner().await;
    let rows = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    owner.close().await.expect("closing an idle connection");
    let text = |row: &QueryResult, name: &str| row.try_get::<String>("", name).unwrap();
    rows.iter().map(|row| (text(row, "operation"), row.try_get("", "http_status").unwrap(), text(row, "row"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_with_providers_is_kept_without_secrets_and_persons() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let order_id = ordered(&buyer, &shop).await;
    let payment = pay(&buyer, &order_id, "vnpay-qr").await;
    let payment_id = id(&payment["id"]);
    pay_at_the_sandbox(&payment, "&reports=2").await;
    let label = announced(&buyer.client, &order_id).await;
    carrier(stack, &format!("report?partner_id={order_id}&statuses=3&wrong_secret=true")).await;
    carrier(stack, &format!("report?partner_id={order_id}&statuses=3")).await;
    // Its goods go back: the carrier does not let go of the parcel, and the money is paid back.
    let query = "query($id: ID!) { order(id: $id) { status items { id } } }";
    let shipping = |data: &Value| data["order"]["status"] == "SHIPPING";
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, shipping).await;
    carrier(stack, &format!("report?partner_id={order_id}&statuses=21")).await;
    let back = |data: &Value| data["order"]["refunds"][0]["status"] == "REFUNDED";
    let query = "query($id: ID!) { order(id: $id) { refunds { status } } }";
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, back).await;

    let rows = kept(stack, &[&order_id, &payment_id, &label]).await;
    let count = |what: &str, status: i16| rows.iter().filter(|row| row.0 == what && row.1 == Some(status)).count();
    assert_eq!(count("ipn", 200), 2, "the second report as well: {rows:#?}");
    assert_eq!(count("status", 200), 2, "and none that does not prove where it comes from: {rows:#?}");
    assert!(count("order", 200) >= 1 && count("refund", 200) >= 1, "{rows:#?}");
    let owner = stack.database.connect_as_owner().await;
    // The route of a fee has no order yet, so it is looked at with everything that other tests have left.
    let all = r#"SELECT coalesce(string_agg(to_jsonb(e)::text, ' '), '') AS text, count(*) FILTER (WHERE operation = 'fee') AS fees
        FROM "order".provider_exchange e"#;
    let all = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, all)).await.unwrap().unwrap();
    owner.close().await.expect("closing an idle connection");
    assert!(all.try_get::<i64>("", "fees").unwrap() >= 1);
    let all: String = all.try_get("", "text").unwrap();
    let secrets = std::fs::read(stack.data_dir().join("secrets.json")).unwrap();
    let secrets: Value = serde_json::from_slice(&secrets).unwrap();
    for secret in ["vnpay_hash_secret", "ghtk_token", "ghtk_webhook_secret"] {
        assert!(!all.contains(&id(&secrets[secret])), "{secret} is kept");
    }
    let address = address();
    for (part, until) in [("fullName", '\0'), ("phone", '\0'), ("address", ',')] {
        let whole = id(&address[part]);
        let person = whole.split(until).next().unwrap();
        assert!(!all.contains(person), "{person} is kept");
    }
    let signed: Vec<&str> = all.split(r#""vnp_SecureHash": "#).skip(1).collect();
    assert!(!signed.is_empty() && signed.iter().all(|rest| rest.starts_with(r#""removed""#)), "a signature is kept");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_that_was_announced_is_called_back_when_its_order_is_cancelled_or_refunded() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;

    let order_id = ordered(&buyer, &shop).await;
    pay(&buyer, &order_id, "cod").await;
    announced(&buyer.client, &order_id).await;
    cancel(&buyer, &order_id).await;
    called_back(stack, &order_id).await;

    let order_id = ordered(&buyer, &shop).await;
    pay_at_the_sandbox(&pay(&buyer, &order_id, "vnpay-qr").await, "").await;
    announced(&buyer.client, &order_id).await;
    let query = "query($id: ID!) { order(id: $id) { items { id } } }";
    let item = buyer.client.data(query, json!({"id": order_id})).await["order"]["items"][0]["id"].clone();
    let request = "mutation($input: RequestRefundInput!) {
        requestRefund(input: $input) { refund { id } userErrors { code } } }";
    let input = json!({"orderId": order_id, "lines": [{"itemId": item, "quantity": 1}], "reason": "Too late.",
        "method": "PICK_UP", "idempotencyKey": key()});
    let refund = buyer.client.data(request, json!({"input": input})).await["requestRefund"]["refund"].clone();
    let accept = "mutation($input: AcceptRefundInput!) { acceptRefund(input: $input) { userErrors { code } } }";
    let input = json!({"refundId": refund["id"], "idempotencyKey": key()});
    let data = shop.seller.client.data(accept, json!({"input": input})).await;
    assert_eq!(data["acceptRefund"]["userErrors"], json!([]));
    called_back(stack, &order_id).await;
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 5, "both are on sale again");
    stack.assert_sound().await;
}

/// Switching options off concerns everybody, and so does the job's period: a marketplace of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_is_refused_and_what_was_never_reported_is_found() {
    let variables = [("PAYMENT_EXPIRY_SECONDS", "30"), ("RECONCILE_SECONDS", "2"), ("TRANSPORT_CLOCK_SECONDS", "3600")];
    let stack = Stack::start_with(Layout::Together, &variables).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;

    // Paid, never reported, and then given up: nothing is asked when the time is over, but the job asks.
    let order_id = ordered(&buyer, &shop).await;
    pay_at_the_sandbox(&pay(&buyer, &order_id, "vnpay-qr").await, "&silent=true").await;
    cancel(&buyer, &order_id).await;
    let credits = "{ me { paymentCredits { edges { node { amount { amountMinor } } } } } }";
    let credited = |data: &Value| !data["me"]["paymentCredits"]["edges"][0].is_null();
    buyer.client.eventually(credits, json!({}), PATIENCE, credited).await;
    let order_id = ordered(&buyer, &shop).await;

    let admin = administrator(&stack).await;
    let set = "mutation($input: SetServiceOptionInput!) { setServiceOption(input: $input) { userErrors { code } } }";
    let switch = async |option: &str, enabled: bool| {
        admin.data(set, json!({"input": {"id": option, "enabled": enabled}})).await;
    };
    switch("ghtk-economy", false).await;
    switch("cod", false).await;
    // A checkout knows the switches of at most a second ago.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input["transportOption"] = json!("ghtk-economy");
    let data = buyer.client.data(&operation("09-buyer-checks-out"), json!({"input": input})).await;
    let refused = &data["checkout"]["userErrors"][0];
    assert_eq!((&refused["code"], &refused["field"]), (&json!("TRANSPORT_OPTION_DISABLED"), &json!("transportOption")));
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    let data = buyer.client.data(&operation("14-buyer-pays"), json!({"input": input})).await;
    let refused = &data["payOrders"]["userErrors"][0];
    assert_eq!((&refused["code"], &refused["field"]), (&json!("PAYMENT_METHOD_DISABLED"), &json!("method")));
    switch("cod", true).await;
    assert_eq!(pay(&buyer, &order_id, "cod").await["status"], "ON_DELIVERY", "what is on again is offered again");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 4, "a refusal reserves nothing");
    stack.assert_sound().await;
}
