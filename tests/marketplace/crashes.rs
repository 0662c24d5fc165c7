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
use test_kit::{Member, Stack};

use crate::{
    aftersales::{named, order_until, refund_act, refund_until, request},
    stage::{Shop, act, administrator, available, checkout_of, id, items_of, key, operation, pay_at_the_sandbox},
};

/// How long something may take that crashes on its way a few times.
const PATIENCE: Duration = Duration::from_secs(600);

/// The modules whose steps move goods and money: all of them must be reached.
const MODULES: [&str; 3] = ["order", "inventory", "promotion"];

/// Steps that no story here comes to, and why.
const EXCUSED: &[(&str, &str)] = &[
    ("order::checkout::workflows::submit_checkout: find out", "only after an operator cancelled the invocation"),
    ("order::desk::workflows::confirm_items: find out", "the same"),
    ("promotion::workflows::price_checkout: take back", "only when items end between two steps of their confirmation"),
];

/// Timers are short, so that what they do is reached as well.
const VARIABLES: &[(&str, &str)] = &[
    ("TRANSPORT_CLOCK_SECONDS", "1"),
    ("PAYMENT_EXPIRY_SECONDS", "30"),
    ("REFUND_RECEIPT_SECONDS", "20"),
    ("PAYOUT_HOLD_SECONDS", "0"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_workflow_comes_to_its_end_whatever_step_the_processes_die_at() {
    let directory = tempfile::tempdir().unwrap();
    let crashes = directory.path().join("crashes");
    let stack = Stack::start_crashing(&crashes, VARIABLES).await;
    let shop = Shop::open(&stack, 20).await;
    for promotion in [
        json!({"name": "Ten off", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true, "usesMax": 100}),
        json!({"name": "Half the way", "kind": "SHIP_DISCOUNT", "percentOff": 50, "autoApply": true, "usesMax": 100}),
        json!({"name": "Some back", "kind": "CASHBACK", "percentOff": 5, "autoApply": true, "usesMax": 100}),
    ] {
        act(&shop.seller.client, "06-seller-creates-a-promotion", promotion).await;
    }
    let buyer = stack.member("buyer").await;

    let reported = bought_and_delivered(&buyer, &shop, "vnpay-qr", "").await;
    bought_and_delivered(&buyer, &shop, "vnpay-qr", "&silent=true").await;
    let at_the_door = bought_and_delivered(&buyer, &shop, "cod", "").await;
    reviewed(&buyer, &shop).await;
    not_paid_in_time(&buyer, &shop).await;
    too_many_are_refused(&buyer, &shop).await;
    cancelled_before_it_is_confirmed(&buyer, &shop).await;
    rejected_by_the_seller(&buyer, &shop).await;
    cancelled_before_it_is_paid(&buyer, &shop).await;
    not_confirmed_in_a_currency_that_the_carrier_does_not_know(&stack, &buyer, &shop).await;
    returned_and_refunded(&buyer, &shop, &reported).await;
    refunded_because_the_seller_is_silent(&buyer, &shop, &at_the_door).await;
    paid_out(&stack, &shop).await;

    let left = |sku: String| {
        let (client, product_id) = (buyer.client.clone(), shop.product_id.clone());
        async move { available(&client, &product_id, &sku).await }
    };
    assert_eq!(left(shop.counted_sku.clone()).await, 20 - 3, "what was not sold is on sale again");
    assert_eq!(left(shop.serial_sku.clone()).await, 20 - 3 + 1, "and what came back");
    stack.assert_sound().await;
    assert_eq!(missed(&crashes), BTreeSet::new(), "no process died at these steps");
}

/// Buys one of each SKU. What the provider does not report is asked for when the time of the payment is over. Answers with
/// the id of the order.
async fn bought_and_delivered(buyer: &Member, shop: &Shop, method: &str, wishes: &str) -> String {
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": method, "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    if method != "cod" {
        pay_at_the_sandbox(&payment, wishes).await;
    }
    let done =
        |data: &Value| data["order"]["status"] == "DELIVERED" && data["order"]["payment"]["status"] == "SUCCEEDED";
    buyer.client.eventually(&operation("15-an-order-of-its-parties"), json!({"id": order_id}), PATIENCE, done).await;
    order_id
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

async fn not_confirmed_in_a_currency_that_the_carrier_does_not_know(stack: &Stack, buyer: &Member, shop: &Shop) {
    let query =
        "mutation($input: AddSkuInput!) { addSku(input: $input) { sku { id } userErrors { code message field } } }";
    let sku = json!({"price": {"amountMinor": "1999", "currency": "EUR"}, "weightGrams": 100,
        "attributes": [{"name": "Size", "value": "Euro"}]});
    let input = json!({"productId": shop.product_id, "sku": sku, "idempotencyKey": key()});
    let data = shop.seller.client.data(query, json!({"input": input})).await;
    let sku_id = id(&data["addSku"]["sku"]["id"]);
    let input = json!({"skuId": sku_id, "quantity": "1", "idempotencyKey": key()});
    act(&shop.seller.client, "05-seller-imports-stock", input).await;
    let foreigner = stack.member("foreigner").await;
    let items = items_of(&act(&foreigner.client, "09-buyer-checks-out", checkout_of(&[&sku_id], 1)).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let data = shop.seller.client.data(&operation("12-seller-confirms"), json!({"input": input})).await;
    assert_eq!(data["confirmItems"]["userErrors"][0]["code"], "TRANSPORT_REFUSED", "{data:#}");
    reject(shop, &items).await;
    assert_eq!(available(&buyer.client, &shop.product_id, &sku_id).await, 1);
}

/// The unit with a serial goes back, is looked at, and is on sale again.
async fn returned_and_refunded(buyer: &Member, shop: &Shop, order_id: &str) {
    let (item_id, serial) = serial_of(buyer, order_id).await;
    let lines = json!([{"itemId": item_id, "quantity": 1, "serials": [serial]}]);
    let refund = refund_act(&buyer.client, "requestRefund", request(order_id, lines)).await;
    let refund_id = id(&refund["id"]);
    let edit = json!({"refundId": refund_id, "method": "DROP_OFF", "reason": "It hums.", "idempotencyKey": key()});
    refund_act(&buyer.client, "editRefund", edit).await;
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    refund_until(&buyer.client, &refund_id, |refund| refund["returnShipment"]["status"] == "DELIVERED").await;
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(),
        "lines": [{"itemId": item_id, "sellableQuantity": 1, "damagedQuantity": 0}]});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    let refund = refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(refund["paidVia"], "PROVIDER", "{refund:#}");
}

/// The goods have arrived, and the seller does not say so.
async fn refunded_because_the_seller_is_silent(buyer: &Member, shop: &Shop, order_id: &str) {
    let (item_id, serial) = serial_of(buyer, order_id).await;
    let lines = json!([{"itemId": item_id, "quantity": 1, "serials": [serial]}]);
    let refund = refund_act(&buyer.client, "requestRefund", request(order_id, lines)).await;
    let refund_id = id(&refund["id"]);
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    let refund = refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(refund["paidVia"], "CREDIT", "cash does not go back through the carrier: {refund:#}");
}

/// The item of the SKU with serials, and its serial.
async fn serial_of(buyer: &Member, order_id: &str) -> (String, String) {
    let order = order_until(&buyer.client, order_id, "DELIVERED").await;
    let item = order["items"].as_array().unwrap().iter().find(|item| item["serials"] != json!([])).unwrap();
    (id(&item["id"]), id(&item["serials"][0]))
}

async fn paid_out(stack: &Stack, shop: &Shop) {
    let query = "mutation($input: RequestPayoutInput!) {
        requestPayout(input: $input) { payout { id } userErrors { code } } }";
    let amount = json!({"amountMinor": "100000", "currency": "VND"});
    let input = json!({"input": {"amount": amount, "idempotencyKey": key()}});
    let requested = shop.seller.client.data(query, input).await;
    let decide = "mutation($input: DecidePayoutInput!) {
        decidePayout(input: $input) { payout { status } userErrors { code } } }";
    let payout_id = id(&requested["requestPayout"]["payout"]["id"]);
    let input = json!({"payoutId": payout_id, "decision": "PAID", "reference": "FT1", "idempotencyKey": key()});
    let decided = administrator(stack).await.data(decide, json!({"input": input})).await;
    assert_eq!(decided["decidePayout"]["payout"]["status"], "PAID", "{decided:#}");
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
