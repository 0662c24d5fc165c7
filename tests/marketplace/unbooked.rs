//! A carrier that does not take the parcel of an order which is paid, or is to be paid at the door: the order comes to
//! its end, and nothing of it is lost.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Layout, Member, Stack};

use crate::{
    aftersales::order_until,
    carrier::{announced, carrier, ordered, pay},
    stage::{Shop, available, pay_at_the_sandbox},
};

const PATIENCE: Duration = Duration::from_secs(90);

const ORDER: &str = "query($id: ID!) { order(id: $id) {
    status total { amountMinor } refundedAmount { amountMinor } payment { status } items { state }
    shipment { status trackingCode events { status } } refunds { kind status paidVia total { amountMinor } } } }";

async fn until(buyer: &Member, order_id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let data = buyer.client.eventually(ORDER, json!({"id": order_id}), PATIENCE, |data| is_so(&data["order"])).await;
    data["order"].clone()
}

/// What the carrier refuses concerns every parcel, and so does how long a failure can be mended: a marketplace of its
/// own.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_carrier_does_not_take_comes_back_with_its_money_and_its_stock() {
    let stack = Stack::start_with(Layout::Together, &[("FAILED_DELIVERY_SECONDS", "5")]).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;

    let paid = ordered(&buyer, &shop).await;
    let at_the_door = ordered(&buyer, &shop).await;
    assert_eq!(carrier(&stack, "refuse?orders=2").await["orders"], 2);
    let payment = pay(&buyer, &paid, "vnpay-qr").await;
    pay_at_the_sandbox(&payment, "").await;
    pay(&buyer, &at_the_door, "cod").await;

    // The buyer has paid: all of it goes back by the provider that took it.
    let is_over =
        |order: &Value| order["payment"]["status"] == "REFUNDED" && order["refunds"][0]["status"] == "REFUNDED";
    let order = until(&buyer, &paid, is_over).await;
    assert_eq!(order["status"], "RETURNED", "{order:#}");
    let way = json!([{"status": "CREATED"}, {"status": "FAILED"}, {"status": "RETURNED"}]);
    assert_eq!(order["shipment"], json!({"status": "RETURNED", "trackingCode": null, "events": way}));
    assert_eq!(order["items"], json!([{"state": "RETURNED"}]));
    let refund = json!({"kind": "UNDELIVERED", "status": "REFUNDED", "paidVia": "PROVIDER", "total": order["total"]});
    assert_eq!(order["refunds"], json!([refund]));
    assert_eq!((&order["refundedAmount"], &order["total"]), (&order["total"], &payment_total(&payment)));

    // The buyer has not paid: nothing is due any more.
    let order = until(&buyer, &at_the_door, |order| order["status"] == "RETURNED").await;
    assert_eq!(order["shipment"]["events"], way);
    assert_eq!((&order["payment"]["status"], &order["refunds"]), (&json!("FAILED"), &json!([])));

    let stock = "query($id: ID!) { product(id: $id) { skus { stock { available taken } } } }";
    let all_back = json!({"available": "5", "taken": "0"});
    let is_back = |data: &Value| {
        let skus = data["product"]["skus"].as_array().cloned().unwrap_or_default();
        skus.len() == 2 && skus.iter().all(|sku| sku["stock"] == all_back)
    };
    shop.seller.client.eventually(stock, json!({"id": shop.product_id}), PATIENCE, is_back).await;
    for client in [&buyer.client, &shop.seller.client] {
        let told = |data: &Value| data.to_string().matches("Parcel returned").count() == 2;
        let notifications = "{ me { notifications(first: 100) { nodes { title } } } }";
        client.eventually(notifications, json!({}), PATIENCE, told).await;
    }

    // The carrier takes the next one.
    let next = ordered(&buyer, &shop).await;
    pay(&buyer, &next, "cod").await;
    announced(&buyer.client, &next).await;
    order_until(&buyer.client, &next, "PAYABLE_ON_DELIVERY").await;
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 4);
    stack.assert_sound().await;
}

/// What the orders of a payment cost, as an order says it.
fn payment_total(payment: &Value) -> Value {
    json!({"amountMinor": payment["amount"]["amountMinor"]})
}
