//! Timers that are lost, and what heals them: the reconciliation job. The timers are killed in the durable engine itself.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Layout, Member, Stack};

use crate::{
    aftersales::{named, refund_act, refund_until, request},
    stage::{Shop, act, checkout_of, id, items_of, key, pay_at_the_sandbox},
};

const PATIENCE: Duration = Duration::from_secs(120);

/// Kills the calls of a handler that are still to come, as soon as there are any.
async fn lose_timers(stack: &Stack, service: &str, handler: &str) {
    let admin = id(&stack.status()["restate_admin_url"]);
    let admin = admin.trim_end_matches('/');
    let http = reqwest::Client::new();
    let query = format!(
        "SELECT id FROM sys_invocation WHERE target_service_name = '{service}' AND target_handler_name = '{handler}'
         AND status = 'scheduled'"
    );
    for _ in 0..300 {
        let asked = http.post(format!("{admin}/query")).header("accept", "application/json");
        let found: Value = asked.json(&json!({"query": query})).send().await.unwrap().json().await.unwrap();
        let rows = found["rows"].as_array().cloned().unwrap_or_default();
        if !rows.is_empty() {
            for row in rows {
                let killed = http.patch(format!("{admin}/invocations/{}/kill", id(&row["id"]))).send().await.unwrap();
                assert!(killed.status().is_success(), "{killed:?}");
            }
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing is to come of {service}.{handler}");
}

async fn ordered(buyer: &Member, shop: &Shop) -> String {
    let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;
    let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}

async fn pay(buyer: &Member, order_id: &str) -> Value {
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await["payment"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_whose_timer_was_lost_and_a_refund_that_got_stuck_are_healed() {
    let variables = [
        ("PAYMENT_EXPIRY_SECONDS", "30"),
        ("RECONCILE_SECONDS", "2"),
        ("REFUND_RETRY_SECONDS", "30"),
        ("TRANSPORT_CLOCK_SECONDS", "3600"),
    ];
    let stack = Stack::start_with(Layout::Together, &variables).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;

    // A refund whose provider refused once, and whose next attempt is lost.
    let order_id = ordered(&buyer, &shop).await;
    pay_at_the_sandbox(&pay(&buyer, &order_id).await, "&refuse_refunds=1").await;
    let paid = |data: &Value| data["order"]["status"] == "PAID";
    let query = "query($id: ID!) { order(id: $id) { status items { id } payment { status } } }";
    let data = buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, paid).await;
    let lines = json!([{"itemId": data["order"]["items"][0]["id"], "quantity": 1}]);
    let refund = refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await;
    let refund_id = id(&refund["id"]);
    // The timers of the first payment and of the seller's answer are of no use any more.
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    lose_timers(&stack, "RefundPayments", "pay").await;

    // One payment that is never made, and one that was and was never reported: both timers are lost.
    let (unpaid, silent) = (ordered(&buyer, &shop).await, ordered(&buyer, &shop).await);
    let open = pay(&buyer, &unpaid).await;
    pay_at_the_sandbox(&pay(&buyer, &silent).await, "&silent=true").await;
    lose_timers(&stack, "PaymentDesk", "expire").await;

    let expired = |data: &Value| data["payment"]["status"] == "EXPIRED";
    let payment = "query($id: ID!) { payment(id: $id) { status } }";
    buyer.client.eventually(payment, json!({"id": open["id"]}), PATIENCE, expired).await;
    buyer.client.eventually(query, json!({"id": silent}), PATIENCE, paid).await;
    let refund = refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(refund["paidVia"], "PROVIDER", "{refund:#}");
    stack.assert_sound().await;
}
