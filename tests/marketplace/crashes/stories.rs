//! What happens in a marketplace, each story to its end, by clients that try again.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Member, Stack};

use crate::{
    aftersales::{named, order_until, refund_act, refund_until, request},
    stage::{Shop, act, administrator, available, checkout_of, id, items_of, key, operation, pay_at_the_sandbox},
    strays::until_found,
};

/// How long something may take that crashes on its way a few times.
const PATIENCE: Duration = Duration::from_secs(600);

/// Buys one of each SKU. What the provider does not report is asked for when the time of the payment is over. Answers with
/// the id of the order.
pub(super) async fn bought_and_delivered(buyer: &Member, shop: &Shop, method: &str, wishes: &str) -> String {
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

pub(super) async fn refused_because_it_is_switched_off(stack: &Stack, buyer: &Member, shop: &Shop) {
    let query = "mutation($input: SetServiceOptionInput!) { setServiceOption(input: $input) { userErrors { code } } }";
    administrator(stack).await.data(query, json!({"input": {"id": "vnpay-atm", "enabled": false}})).await;
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-atm", "idempotencyKey": key()});
    let data = buyer.client.data(&operation("14-buyer-pays"), json!({"input": input})).await;
    assert_eq!(data["payOrders"]["userErrors"][0]["code"], "PAYMENT_METHOD_DISABLED", "{data:#}");
    cancel(buyer, &order_id).await;
}

/// The carrier does not let go of the parcel of a cancelled order, and the seller is told.
pub(super) async fn cancelled_when_the_carrier_has_it(stack: &Stack, buyer: &Member, shop: &Shop) {
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

/// The provider captures less than was due, and then money under a reference of nobody.
pub(super) async fn captured_short_and_astray(stack: &Stack, buyer: &Member, shop: &Shop) {
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    // It is reported while the payment waits, or found when it ends; it is looked into when it has ended.
    pay_at_the_sandbox(&payment, "&captured=1000&late=true").await;

    let admin = administrator(stack).await;
    // Nobody asks about a report that a dying process did not take: it is made again.
    for _ in 0..100 {
        pay_at_the_sandbox(&payment, "&foreign=true&late=true&again=true").await;
        let data = admin.data("{ strayPayments { totalCount } }", json!({})).await;
        if data["strayPayments"]["totalCount"] != 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let returned = |data: &Value| data["strayPayments"]["totalCount"].as_i64().is_some_and(|count| count > 0);
    admin.eventually("{ strayPayments(state: REFUNDED) { totalCount } }", json!({}), PATIENCE, returned).await;

    let payment_id = id(&payment["id"]);
    let credits = "{ me { paymentCredits(first: 100) { edges { node { amount { amountMinor } payment { id } } } } } }";
    let credit = json!({"node": {"amount": {"amountMinor": "1000"}, "payment": {"id": payment_id}}});
    let credited =
        |data: &Value| data["me"]["paymentCredits"]["edges"].as_array().is_some_and(|edges| edges.contains(&credit));
    buyer.client.eventually(credits, json!({}), PATIENCE, credited).await;
    let closed = format!(
        r#"SELECT 1 AS one FROM "order".payment_event
           WHERE payment_id = '{payment_id}' AND kind = 'ENQUIRY_CLOSED'"#
    );
    until_found(stack, &closed).await;
    cancel(buyer, &order_id).await;
}

pub(super) async fn reviewed(buyer: &Member, shop: &Shop) {
    let input = json!({"productId": shop.product_id, "rating": 4, "body": "It glows.", "idempotencyKey": key()});
    act(&buyer.client, "16-buyer-reviews", input).await;
}

pub(super) async fn not_paid_in_time(buyer: &Member, shop: &Shop) {
    let order_id = confirmed(buyer, shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    let query = "query($id: ID!) { payment(id: $id) { status } }";
    let expired = |data: &Value| data["payment"]["status"] == "EXPIRED";
    buyer.client.eventually(query, json!({"id": payment["id"]}), PATIENCE, expired).await;
    cancel(buyer, &order_id).await;
}

pub(super) async fn too_many_are_refused(buyer: &Member, shop: &Shop) {
    let mut input = checkout_of(&[&shop.serial_sku, &shop.counted_sku], 1);
    input["lines"][1]["quantity"] = json!(99);
    let data = buyer.client.data(&operation("09-buyer-checks-out"), json!({"input": input})).await;
    assert_eq!(data["checkout"]["refusedLines"][0]["skuId"], json!(shop.counted_sku), "{data:#}");
}

pub(super) async fn cancelled_before_it_is_confirmed(buyer: &Member, shop: &Shop) {
    let query = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    let input = json!({"itemIds": checked_out(buyer, shop).await, "idempotencyKey": key()});
    let data = buyer.client.data(query, json!({"input": input})).await;
    assert_eq!(data["cancelItems"]["userErrors"], json!([]));
}

pub(super) async fn rejected_by_the_seller(buyer: &Member, shop: &Shop) {
    reject(shop, &checked_out(buyer, shop).await).await;
}

pub(super) async fn not_confirmed_in_a_currency_that_the_carrier_does_not_know(
    stack: &Stack,
    buyer: &Member,
    shop: &Shop,
) {
    let query = "query($id: ID!) { product(id: $id) { category { id } } }";
    let data = buyer.client.data(query, json!({"id": shop.product_id})).await;
    let sku = json!({"price": {"amountMinor": "1999", "currency": "EUR"}, "weightGrams": 100, "featured": true});
    let input = json!({"name": "Euro lamp", "description": "Made for export.", "idempotencyKey": key(),
        "categoryId": data["product"]["category"]["id"], "skus": [sku]});
    let product = act(&shop.seller.client, "04-seller-creates-a-product", input).await["product"].clone();
    let (product_id, sku_id) = (id(&product["id"]), id(&product["skus"][0]["id"]));
    let input = json!({"skuId": sku_id, "quantity": "1", "idempotencyKey": key()});
    act(&shop.seller.client, "05-seller-imports-stock", input).await;
    let foreigner = stack.member("foreigner").await;
    let items = items_of(&act(&foreigner.client, "09-buyer-checks-out", checkout_of(&[&sku_id], 1)).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let data = shop.seller.client.data(&operation("12-seller-confirms"), json!({"input": input})).await;
    assert_eq!(data["confirmItems"]["userErrors"][0]["code"], "TRANSPORT_REFUSED", "{data:#}");
    reject(shop, &items).await;
    assert_eq!(available(&buyer.client, &product_id, &sku_id).await, 1);
}

/// The unit with a serial goes back, is looked at, and is on sale again.
pub(super) async fn returned_and_refunded(buyer: &Member, shop: &Shop, order_id: &str) {
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

/// Buys two of one SKU and one of the other, and gives one of the two back, to a seller who is slow to say so.
pub(super) async fn refunded_in_part(buyer: &Member, shop: &Shop) {
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
}

/// The goods have arrived, and the seller does not say so.
pub(super) async fn refunded_because_the_seller_is_silent(buyer: &Member, shop: &Shop, order_id: &str) {
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

/// An order that goes by GHTK and whose return the buyer does not hand over. Answers with the id of the refund.
pub(super) async fn accepted_and_never_handed_over(stack: &Stack, buyer: &Member, shop: &Shop) -> String {
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input["transportOption"] = json!("ghtk-economy");
    let items = items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let order_id = id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]);
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    pay_at_the_sandbox(&act(&buyer.client, "14-buyer-pays", input).await["payment"], "").await;
    let query = "query($id: ID!) { order(id: $id) { shipment { trackingCode } } }";
    let announced = |data: &Value| data["order"]["shipment"]["trackingCode"].is_string();
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, announced).await;
    let sandbox = id(&stack.status()["sandbox_url"]);
    let delivered = |data: &Value| data["order"]["status"] == "DELIVERED";
    let query = "query($id: ID!) { order(id: $id) { status } }";
    // A report that a dying process did not take is made again.
    for _ in 0..100 {
        reqwest::get(format!("{sandbox}/ghtk/report?partner_id={order_id}&statuses=3,4,5")).await.unwrap();
        if delivered(&buyer.client.data(query, json!({"id": order_id})).await) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, delivered).await;
    let lines = json!([{"itemId": items[0], "quantity": 1}]);
    let refund_id = id(&refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await["id"]);
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    let announced = |refund: &Value| refund["returnShipment"]["trackingCode"].is_string();
    refund_until(&buyer.client, &refund_id, announced).await;
    refund_id
}

/// The refund ends, and says so.
pub(super) async fn lapsed(buyer: &Member, refund_id: &str) {
    let refund = refund_until(&buyer.client, refund_id, |refund| refund["status"] == "DECLINED").await;
    // Nobody has fetched it. That it was called back, the carrier reports once, to a process that may just be dying.
    let parcel = &refund["returnShipment"]["status"];
    assert!(parcel == "CREATED" || parcel == "FAILED", "{refund:#}");
    let told = |data: &Value| data.to_string().contains("Refund lapsed");
    let query = "{ me { notifications(first: 100) { edges { node { title } } } } }";
    buyer.client.eventually(query, json!({}), PATIENCE, told).await;
}

pub(super) async fn paid_out(stack: &Stack, shop: &Shop) {
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

pub(super) async fn cancelled_before_it_is_paid(buyer: &Member, shop: &Shop) {
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
