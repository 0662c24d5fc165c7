//! The processes die before and after every durable step, the first time they get there, and every workflow comes to
//! its right end all the same.
//!
//! The steps are read from the source, so a new one must be reached by a story here or be excused below.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use test_kit::{Client, Member, Stack};

use crate::{
    aftersales::refund_act,
    stage::{Shop, act, administrator, available, checkout_of, id, items_of, key, operation, pay_at_the_sandbox},
};

/// How long something may take that crashes on its way a few times.
const PATIENCE: Duration = Duration::from_secs(600);

/// The modules whose steps move goods and money: all of them must be reached.
const MODULES: [&str; 3] = ["order", "inventory", "promotion"];

/// Steps that no story here comes to, and why.
const EXCUSED: &[(&str, &str)] =
    &[("order::checkout::workflows::submit_checkout: find out", "only after an operator cancelled the invocation")];

#[tokio::test(flavor = "multi_thread")]
async fn every_workflow_comes_to_its_end_whatever_step_the_processes_die_at() {
    let directory = tempfile::tempdir().unwrap();
    let crashes = directory.path().join("crashes");
    let variables = &[
        ("TRANSPORT_CLOCK_SECONDS", "1"),
        ("PAYMENT_EXPIRY_SECONDS", "30"),
        ("RECONCILE_SECONDS", "5"),
        ("REFUND_RECEIPT_SECONDS", "1"),
        ("REFUND_RETRY_SECONDS", "1"),
        ("PAYOUT_HOLD_SECONDS", "0"),
    ];
    let stack = Stack::start_crashing(&crashes, variables).await;
    let shop = Shop::open(&stack, 20).await;
    let input = json!({"name": "Ten off", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true, "usesMax": 100});
    act(&shop.seller.client, "06-seller-creates-a-promotion", input).await;
    let buyer = stack.member("buyer").await;

    let mut sold = 0;
    sold += bought_and_delivered(&buyer, &shop, "vnpay-qr", "").await;
    sold += bought_and_delivered(&buyer, &shop, "vnpay-qr", "&silent=true").await;
    sold += bought_and_delivered(&buyer, &shop, "cod", "").await;
    sold += refunded_in_part(&buyer, &shop).await;
    let admin = administrator(&stack).await;
    paid_out(&admin, &shop).await;
    refused_because_it_is_switched_off(&admin, &buyer, &shop).await;
    cancelled_when_the_carrier_has_it(&stack, &buyer, &shop).await;
    reviewed(&buyer, &shop).await;
    not_paid_in_time(&buyer, &shop).await;
    too_many_are_refused(&buyer, &shop).await;
    cancelled_before_it_is_confirmed(&buyer, &shop).await;
    rejected_by_the_seller(&buyer, &shop).await;
    cancelled_before_it_is_paid(&buyer, &shop).await;
    not_confirmed_without_a_place_to_pick_it_up(&buyer, &shop).await;

    let left = |sku: String| {
        let (client, product_id) = (buyer.client.clone(), shop.product_id.clone());
        async move { available(&client, &product_id, &sku).await }
    };
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        assert_eq!(left(sku.clone()).await, 20 - sold, "what was not sold is on sale again");
    }
    stack.assert_sound().await;
    assert_eq!(missed(&crashes), BTreeSet::new(), "no process died at these steps");
}

/// Buys one of each SKU. Answers with how many of each were sold. What the provider does not report is asked for when
/// the time of the payment is over.
async fn bought_and_delivered(buyer: &Member, shop: &Shop, method: &str, wishes: &str) -> i64 {
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": method, "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    if method != "cod" {
        pay_at_the_sandbox(&payment, wishes).await;
    }
    let done =
        |data: &Value| data["order"]["status"] == "DELIVERED" && data["order"]["payment"]["status"] == "SUCCEEDED";
    buyer.client.eventually(&operation("15-an-order-of-its-parties"), json!({"id": order_id}), PATIENCE, done).await;
    1
}

/// Buys two of one SKU and one of the other, and gives one of the two back, to a seller who is slow to say so. Answers
/// with how many of each were sold for good.
async fn refunded_in_part(buyer: &Member, shop: &Shop) -> i64 {
    let mut input = checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1);
    input["lines"][0]["quantity"] = json!(2);
    let items = items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let order_id = id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]);
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    pay_at_the_sandbox(&act(&buyer.client, "14-buyer-pays", input).await["payment"], "").await;
    let query = "query($id: ID!) { order(id: $id) { status items { id quantity } } }";
    let delivered = |data: &Value| data["order"]["status"] == "DELIVERED";
    let data = buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, delivered).await;
    let lines = data["order"]["items"].as_array().unwrap();
    let item_id = &lines.iter().find(|item| item["quantity"] == 2).unwrap()["id"];

    let input = json!({"orderId": order_id, "lines": [{"itemId": item_id, "quantity": 1}], "reason": "It flickers.",
        "method": "PICK_UP", "idempotencyKey": key()});
    let refund_id = id(&refund_act(&buyer.client, "requestRefund", input).await["id"]);
    let input = json!({"refundId": refund_id, "reason": "It hums.", "imageIds": [], "idempotencyKey": key()});
    refund_act(&buyer.client, "editRefund", input).await;
    let input = json!({"refundId": refund_id, "idempotencyKey": key()});
    refund_act(&shop.seller.client, "acceptRefund", input).await;
    let query = "query($id: ID!) { refund(id: $id) { status } }";
    let refunded = |data: &Value| data["refund"]["status"] == "REFUNDED";
    buyer.client.eventually(query, json!({"id": refund_id}), PATIENCE, refunded).await;
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(),
        "lines": [{"itemId": item_id, "sellableQuantity": 1, "damagedQuantity": 0}]});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    1
}

async fn paid_out(admin: &Client, shop: &Shop) {
    let query = "mutation($input: RequestPayoutInput!) {
        requestPayout(input: $input) { payout { id } userErrors { code } } }";
    let input = json!({"amount": {"amountMinor": "1000", "currency": "VND"}, "idempotencyKey": key()});
    let data = shop.seller.client.data(query, json!({"input": input})).await;
    let query = "mutation($input: DecidePayoutInput!) {
        decidePayout(input: $input) { payout { status } userErrors { code } } }";
    let payout_id = &data["requestPayout"]["payout"]["id"];
    let input = json!({"payoutId": payout_id, "decision": "PAID", "reference": "FT1", "idempotencyKey": key()});
    let data = admin.data(query, json!({"input": input})).await;
    assert_eq!(data["decidePayout"]["payout"]["status"], "PAID", "{data:#}");
}

async fn refused_because_it_is_switched_off(admin: &Client, buyer: &Member, shop: &Shop) {
    let query = "mutation($input: SetServiceOptionInput!) { setServiceOption(input: $input) { userErrors { code } } }";
    admin.data(query, json!({"input": {"id": "vnpay-atm", "enabled": false}})).await;
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-atm", "idempotencyKey": key()});
    let data = buyer.client.data(&operation("14-buyer-pays"), json!({"input": input})).await;
    assert_eq!(data["payOrders"]["userErrors"][0]["code"], "PAYMENT_METHOD_DISABLED", "{data:#}");
    cancel(buyer, &order_id).await;
}

/// The carrier does not let go of the parcel of a cancelled order, and the seller is told.
async fn cancelled_when_the_carrier_has_it(stack: &Stack, buyer: &Member, shop: &Shop) {
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input["transportOption"] = json!("ghtk-economy");
    let items = items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let order_id = id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]);
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    let query = "query($id: ID!) { order(id: $id) { shipment { trackingCode } } }";
    let announced = |data: &Value| data["order"]["shipment"]["trackingCode"].is_string();
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, announced).await;
    // An attempt that dies after the carrier's answer asks again.
    let url = format!("{}/ghtk/refuse?cancellations=100", stack.status()["sandbox_url"].as_str().unwrap());
    assert!(reqwest::get(url).await.unwrap().status().is_success());
    cancel(buyer, &order_id).await;
    let told = |data: &Value| data.to_string().contains("Parcel not called back");
    shop.seller.client.eventually(&operation("21-me"), json!({}), PATIENCE, told).await;
}

async fn reviewed(buyer: &Member, shop: &Shop) {
    let input = json!({"productId": shop.product_id, "rating": 4, "body": "It glows.", "idempotencyKey": key()});
    act(&buyer.client, "16-buyer-reviews", input).await;
}

async fn not_paid_in_time(buyer: &Member, shop: &Shop) {
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    let query = "query($id: ID!) { payment(id: $id) { status } }";
    let expired = |data: &Value| data["payment"]["status"] == "EXPIRED";
    buyer.client.eventually(query, json!({"id": payment["id"]}), PATIENCE, expired).await;
    cancel(buyer, &order_id).await;
}

async fn too_many_are_refused(buyer: &Member, shop: &Shop) {
    let mut input = checkout_of(&[&shop.serial_sku, &shop.counted_sku], 1);
    input["lines"][1]["quantity"] = json!(99);
    let data = buyer.client.data(&operation("09-buyer-checks-out"), json!({"input": input})).await;
    assert_eq!(data["checkout"]["refusedLines"][0]["skuId"], json!(shop.counted_sku), "{data:#}");
}

async fn cancelled_before_it_is_confirmed(buyer: &Member, shop: &Shop) {
    let query = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    let input = json!({"itemIds": checked_out(buyer, shop).await, "idempotencyKey": key()});
    let data = buyer.client.data(query, json!({"input": input})).await;
    assert_eq!(data["cancelItems"]["userErrors"], json!([]));
}

async fn rejected_by_the_seller(buyer: &Member, shop: &Shop) {
    reject(shop, &checked_out(buyer, shop).await).await;
}

async fn not_confirmed_without_a_place_to_pick_it_up(buyer: &Member, shop: &Shop) {
    let seller = &shop.seller.client;
    let contacts = seller.data("{ me { contacts { id } } }", json!({})).await;
    let query = "mutation($input: DeleteContactInput!) { deleteContact(input: $input) { userErrors { code } } }";
    seller.data(query, json!({"input": {"id": contacts["me"]["contacts"][0]["id"]}})).await;
    let items = checked_out(buyer, shop).await;
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let data = seller.data(&operation("12-seller-confirms"), json!({"input": input})).await;
    assert_eq!(data["confirmItems"]["userErrors"][0]["code"], "PICKUP_ADDRESS_MISSING", "{data:#}");
    reject(shop, &items).await;
}

async fn reject(shop: &Shop, items: &[String]) {
    let query = "mutation($input: RejectItemsInput!) { rejectItems(input: $input) { userErrors { code } } }";
    let input = json!({"itemIds": items, "reason": "Broken", "idempotencyKey": key()});
    let data = shop.seller.client.data(query, json!({"input": input})).await;
    assert_eq!(data["rejectItems"]["userErrors"], json!([]));
}

async fn cancelled_before_it_is_paid(buyer: &Member, shop: &Shop) {
    cancel(buyer, &confirmed(buyer, shop).await).await;
}

async fn cancel(buyer: &Member, order_id: &str) {
    let query = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }";
    let input = json!({"orderId": order_id, "idempotencyKey": key()});
    let data = buyer.client.data(query, json!({"input": input})).await;
    assert_eq!(data["cancelOrder"]["userErrors"], json!([]));
}

async fn checked_out(buyer: &Member, shop: &Shop) -> Vec<String> {
    let input = checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1);
    let items = items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);
    assert_eq!(items.len(), 2);
    items
}

async fn confirmed(buyer: &Member, shop: &Shop) -> String {
    let items = checked_out(buyer, shop).await;
    act(&shop.seller.client, "11-seller-quotes-transport", json!({"itemIds": items})).await;
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}

/// The steps of [`MODULES`] before or after which no process has died, except those that are excused.
fn missed(crashes: &Path) -> BTreeSet<String> {
    let crashes = std::fs::read_to_string(crashes).unwrap();
    let seen: BTreeSet<&str> = crashes.lines().collect();
    let excused: BTreeSet<&str> = EXCUSED.iter().map(|(step, _)| *step).collect();
    let steps = MODULES.iter().flat_map(|module| steps_of(module)).filter(|step| !excused.contains(step.as_str()));
    let points = steps.flat_map(|step| ["before", "after"].map(|moment| format!("{step}: {moment}")));
    points.filter(|point| !seen.contains(point.as_str())).collect()
}

/// The durable steps in a module's source, as `order::desk::workflows::confirm_items: write order`.
fn steps_of(module: &str) -> Vec<String> {
    let source = tests::root().join("subgraphs").join(module).join("src");
    let mut steps = Vec::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // The name is the first text after the macro.
                let names = text.split("step!(").skip(1).filter_map(|rest| rest.split('"').nth(1));
                let place = module_path(module, path.strip_prefix(&source).unwrap());
                steps.extend(names.map(|name| format!("{place}: {name}")));
            }
        }
    }
    assert!(!steps.is_empty(), "{module} has durable steps");
    steps
}

fn module_path(module: &str, file: &Path) -> String {
    let place: PathBuf = [Path::new(module), &file.with_extension("")].into_iter().collect();
    let parts = place.iter().map(|part| part.to_string_lossy()).filter(|part| part != "mod" && part != "lib");
    parts.collect::<Vec<_>>().join("::")
}
