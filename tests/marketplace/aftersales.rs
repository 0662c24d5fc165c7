//! What happens after a sale, through the router: refunds, disputes, parcels that come back, payouts.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack};

use crate::stage::{Shop, act, administrator, available, checkout_of, id, items_of, key, marketplace};

const PATIENCE: Duration = Duration::from_secs(180);

const REFUND: &str = "id kind status paidVia total { amountMinor } transportAmount { amountMinor }
    lines { item { id } quantity serials } images { id } returnShipment { status method trackingCode }
    events { sequence status }";

/// Runs a mutation of a refund, and gives its payload.
async fn refund_mutation(client: &Client, name: &str, input: Value) -> Value {
    let type_name = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {type_name}!) {{ {name}(input: $input) {{
            refund {{ {REFUND} }} userErrors {{ code message field }} }} }}"
    );
    client.data(&query, json!({"input": input})).await[name].clone()
}

/// A mutation of a refund that must succeed.
pub(crate) async fn refund_act(client: &Client, name: &str, input: Value) -> Value {
    let payload = refund_mutation(client, name, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{name}: {payload:#}");
    payload["refund"].clone()
}

/// The code of the refusal of a mutation of a refund.
async fn refund_refused(client: &Client, name: &str, input: Value) -> String {
    let payload = refund_mutation(client, name, input).await;
    assert_eq!(payload["refund"], Value::Null, "{payload:#}");
    id(&payload["userErrors"][0]["code"])
}

/// Waits until a refund is in a state, and gives it.
pub(crate) async fn refund_until(client: &Client, refund_id: &str, is_there: impl Fn(&Value) -> bool) -> Value {
    let query = format!("query($id: ID!) {{ refund(id: $id) {{ {REFUND} }} }}");
    let data = client.eventually(&query, json!({"id": refund_id}), PATIENCE, |data| is_there(&data["refund"])).await;
    data["refund"].clone()
}

/// A confirmed order of `quantity` units of each SKU: its id and its items.
pub(crate) async fn ordered(buyer: &Member, shop: &Shop, skus: &[&str], quantity: u32) -> (String, Vec<String>) {
    let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(skus, quantity)).await;
    let items = items_of(&checkout);
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    (id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"]), items)
}

/// Pays an order at the sandbox, with wishes of what is to happen with its money later.
pub(crate) async fn paid(buyer: &Member, order_id: &str, wishes: &str) {
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    let url = id(&payment["redirectUrl"]).replacen("/paymentv2/vpcpay.html", "/pay", 1) + "&result=00" + wishes;
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(answer["answers"][0]["RspCode"], "00", "{answer:#}");
}

pub(crate) async fn order_until(client: &Client, order_id: &str, status: &str) -> Value {
    let query = "query($id: ID!) { order(id: $id) { status refundedAmount { amountMinor } total { amountMinor }
        payment { status } refunds { id status kind } events { status refundId refundStatus }
        items { id state quantity refundedQuantity refundableQuantity serials } } }";
    let data =
        client.eventually(query, json!({"id": order_id}), PATIENCE, |data| data["order"]["status"] == status).await;
    data["order"].clone()
}

pub(crate) fn request(order_id: &str, lines: Value) -> Value {
    json!({
        "orderId": order_id, "lines": lines, "reason": "It flickers.", "method": "PICK_UP", "idempotencyKey": key(),
    })
}

pub(crate) fn named(refund_id: &str) -> Value {
    json!({"refundId": refund_id, "idempotencyKey": key()})
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_go_back_and_the_money_follows_although_the_bank_refuses_once() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let (order_id, items) = ordered(&buyer, &shop, &[&shop.counted_sku, &shop.serial_sku], 2).await;
    let early = request(&order_id, json!([{"itemId": items[0], "quantity": 1}]));
    assert_eq!(refund_refused(&buyer.client, "requestRefund", early).await, "ORDER_NOT_REFUNDABLE");
    paid(&buyer, &order_id, "&refuse_refunds=1").await;
    let order = order_until(&buyer.client, &order_id, "DELIVERED").await;
    let serials = order["items"].as_array().unwrap().iter().find(|item| item["serials"] != json!([])).unwrap();
    let (serial_item, serial) = (id(&serials["id"]), id(&serials["serials"][0]));
    let counted_item = items.iter().find(|item| **item != serial_item).unwrap();

    let too_many = request(&order_id, json!([{"itemId": counted_item, "quantity": 3}]));
    assert_eq!(refund_refused(&buyer.client, "requestRefund", too_many).await, "REFUND_QUANTITY_OUT_OF_RANGE");
    let lines = json!([
        {"itemId": counted_item, "quantity": 2}, {"itemId": serial_item, "quantity": 1, "serials": [serial]},
    ]);
    let stranger = stack.member("stranger").await;
    let foreign = refund_refused(&stranger.client, "requestRefund", request(&order_id, lines.clone())).await;
    assert_eq!(foreign, "ORDER_NOT_FOUND");
    let refund = refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await;
    let refund_id = id(&refund["id"]);
    assert_eq!((&refund["status"], &refund["total"]["amountMinor"]), (&json!("PENDING"), &json!("900000")));
    let hidden = stranger.client.send("query($id: ID!) { refund(id: $id) { id } }", json!({"id": refund_id})).await;
    assert_eq!(hidden.code(), Some("NOT_FOUND"), "{hidden:#?}");
    assert_eq!(refund_refused(&stranger.client, "acceptRefund", named(&refund_id)).await, "REFUND_NOT_FOUND");

    let accepted = refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    assert_eq!(accepted["status"], "ACCEPTED");
    assert_eq!(refund_refused(&buyer.client, "withdrawRefund", named(&refund_id)).await, "REFUND_NOT_PENDING");
    refund_until(&buyer.client, &refund_id, |refund| refund["returnShipment"]["status"] == "DELIVERED").await;
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(), "lines": [
        {"itemId": counted_item, "sellableQuantity": 1, "damagedQuantity": 1},
        {"itemId": serial_item, "sellableQuantity": 1, "damagedQuantity": 0},
    ]});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    let refund = refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(refund["paidVia"], "PROVIDER", "the second request was taken: {refund:#}");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 4, "one of two is sellable");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.serial_sku).await, 4);
    let order = order_until(&buyer.client, &order_id, "DELIVERED").await;
    assert_eq!(order["refundedAmount"]["amountMinor"], "900000");
    let told = order["events"].as_array().unwrap().iter().filter(|event| event["refundId"] == json!(refund_id)).count();
    assert_eq!(told, refund["events"].as_array().unwrap().len(), "every change stands in the history of the order");
    payout_of_what_is_left(stack, &shop, &stranger).await;
    stack.assert_sound().await;
}

/// The seller keeps one unit of 400,000 and the transport, less 5 % of the unit.
async fn payout_of_what_is_left(stack: &Stack, shop: &Shop, stranger: &Member) {
    let ledger = "{ me { ledger { standing { available { amountMinor } pending { amountMinor } }
        payouts { edges { node { id status } } } entries { edges { node { kind } } } } } }";
    let data = shop.seller.client.data(ledger, json!({})).await;
    let standing = &data["me"]["ledger"]["standing"][0];
    assert_eq!(standing["pending"]["amountMinor"], "0", "{data:#}");
    let available: i64 = id(&standing["available"]["amountMinor"]).parse().unwrap();
    assert!(available > 380_000, "{data:#}");
    let ask = async |client: &Client, amount: i64| {
        let query = "mutation($input: RequestPayoutInput!) {
            requestPayout(input: $input) { payout { id status } userErrors { code } } }";
        let amount = json!({"amountMinor": amount.to_string(), "currency": "VND"});
        client.data(query, json!({"input": {"amount": amount, "idempotencyKey": key()}})).await["requestPayout"].clone()
    };
    let refused = ask(&shop.seller.client, available + 1).await;
    assert_eq!(refused["userErrors"][0]["code"], "PAYOUT_AMOUNT_INVALID");
    let requested = ask(&shop.seller.client, available).await;
    assert_eq!(requested["payout"]["status"], "REQUESTED", "{requested:#}");
    assert_eq!(ask(&shop.seller.client, 1).await["userErrors"][0]["code"], "PAYOUT_AMOUNT_INVALID");

    let decide = "mutation($input: DecidePayoutInput!) {
        decidePayout(input: $input) { payout { status reference } userErrors { code } } }";
    let input = json!({"input": {
        "payoutId": requested["payout"]["id"], "decision": "PAID", "reference": "FT2611", "idempotencyKey": key(),
    }});
    assert_eq!(stranger.client.send(decide, input.clone()).await.code(), Some("FORBIDDEN"));
    let admin = administrator(stack).await;
    let open = admin.data("{ requestedPayouts(first: 100) { edges { node { id } } } }", json!({})).await;
    assert!(open.to_string().contains(&id(&requested["payout"]["id"])), "{open:#}");
    let decided = admin.data(decide, input).await["decidePayout"].clone();
    assert_eq!(decided["payout"], json!({"status": "PAID", "reference": "FT2611"}), "{decided:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_refund_is_disputed_and_an_administrator_decides() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let (order_id, items) = ordered(&buyer, &shop, &[&shop.counted_sku], 1).await;
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    order_until(&buyer.client, &order_id, "DELIVERED").await;
    let lines = json!([{"itemId": items[0], "quantity": 1}]);
    let refund = refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await;
    let refund_id = id(&refund["id"]);
    let edit = json!({"refundId": refund_id, "method": "DROP_OFF", "reason": "It hums.", "idempotencyKey": key()});
    refund_act(&buyer.client, "editRefund", edit).await;
    let said = |field: &str| {
        let mut input = named(&refund_id);
        input[field] = json!("I see it differently.");
        input
    };
    refund_act(&shop.seller.client, "declineRefund", said("reason")).await;
    let disputed = refund_act(&buyer.client, "disputeRefund", said("reason")).await;
    assert_eq!(disputed["status"], "DISPUTED");

    let mut decision = said("note");
    decision["outcome"] = json!("FOR_BUYER");
    let query = "mutation($input: DecideDisputeInput!) { decideDispute(input: $input) { refund { id } } }";
    for party in [&buyer.client, &shop.seller.client] {
        let refused = party.send(query, json!({"input": decision})).await;
        assert_eq!(refused.code(), Some("FORBIDDEN"), "{refused:#?}");
        let refused = party.send("{ disputes { edges { node { id } } } }", json!({})).await;
        assert_eq!(refused.code(), Some("FORBIDDEN"), "{refused:#?}");
    }
    let admin = administrator(stack).await;
    let open = admin.data("{ disputes(first: 100) { totalCount edges { node { id } } } }", json!({})).await;
    assert!(open.to_string().contains(&refund_id), "{open:#}");
    let decided = refund_act(&admin, "decideDispute", decision).await;
    assert_eq!((&decided["status"], &decided["returnShipment"]["method"]), (&json!("ACCEPTED"), &json!("DROP_OFF")));
    refund_until(&buyer.client, &refund_id, |refund| refund["returnShipment"]["status"] == "DELIVERED").await;
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(),
        "lines": [{"itemId": items[0], "sellableQuantity": 0, "damagedQuantity": 1}]});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    let refund = refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(refund["paidVia"], "CREDIT", "cash does not go back through the carrier: {refund:#}");
    let credits = "{ me { paymentCredits { edges { node { reason amount { amountMinor } } } }
        refunds(role: BUYER, filter: {statuses: [REFUNDED]}) { totalCount } } }";
    let data = buyer.client.data(credits, json!({})).await;
    assert_eq!(data["me"]["paymentCredits"]["edges"][0]["node"]["reason"], "REFUND", "{data:#}");
    assert_eq!(data["me"]["refunds"]["totalCount"], 1);
    let order = order_until(&buyer.client, &order_id, "RETURNED").await;
    assert_eq!(order["refundedAmount"], order["total"], "the transport comes back with the last item");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 4);
    stack.assert_sound().await;
}

/// Parcels stand still, and the carrier reports by webhook.
async fn still_marketplace() -> Stack {
    let variables = [
        ("TRANSPORT_CLOCK_SECONDS", "3600"),
        ("GHTK_TOKEN", "token"),
        ("GHTK_URL", "http://127.0.0.1:9/"),
        ("GHTK_PARTNER_CODE", "S1"),
        ("GHTK_WEBHOOK_SECRET", "hook"),
        ("FAILED_DELIVERY_SECONDS", "1"),
    ];
    Stack::start_with(Layout::Together, &variables).await
}

async fn carrier_reports(stack: &Stack, order_id: &str, status_id: &str) {
    let url = format!("{}/webhooks/ghtk?hash=hook", stack.module_url("order"));
    let form = [("label_id", "S1.A1"), ("partner_id", order_id), ("status_id", status_id)];
    let answer = reqwest::Client::new().post(url).form(&form).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_left_and_what_comes_back_is_refunded_and_in_stock() {
    let stack = still_marketplace().await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;

    // Paid and not sent: the seller accepts, and the goods stay.
    let (order_id, items) = ordered(&buyer, &shop, &[&shop.counted_sku, &shop.serial_sku], 2).await;
    paid(&buyer, &order_id, "").await;
    order_until(&buyer.client, &order_id, "PAID").await;
    let lines = json!([{"itemId": items[0], "quantity": 1}]);
    let refund_id = match refund_mutation(&buyer.client, "requestRefund", request(&order_id, lines)).await {
        // The first item may be the one with serials: then the refusal says so, and a serial is named.
        payload if payload["refund"].is_null() => {
            assert_eq!(payload["userErrors"][0]["code"], "SERIALS_INVALID", "{payload:#}");
            let lines = json!([{"itemId": items[1], "quantity": 1}]);
            id(&refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await["id"])
        }
        payload => id(&payload["refund"]["id"]),
    };
    let accepted = refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    assert_eq!((&accepted["kind"], &accepted["returnShipment"]), (&json!("CANCELLATION"), &Value::Null));
    refund_until(&buyer.client, &refund_id, |refund| refund["status"] == "REFUNDED").await;
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 4);

    // The delivery of the rest fails, nobody mends it, and the parcel counts as back with its sender.
    carrier_reports(&stack, &order_id, "3").await;
    order_until(&buyer.client, &order_id, "SHIPPING").await;
    carrier_reports(&stack, &order_id, "9").await;
    let order = order_until(&buyer.client, &order_id, "RETURNED").await;
    assert_eq!(order["refundedAmount"], order["total"]);
    let done = |data: &Value| {
        let order = &data["order"];
        order["payment"]["status"] == "REFUNDED"
            && order["refunds"].as_array().is_some_and(|all| all.iter().all(|one| one["status"] == "REFUNDED"))
    };
    let query = "query($id: ID!) { order(id: $id) { payment { status } refunds { status } } }";
    buyer.client.eventually(query, json!({"id": order_id}), PATIENCE, done).await;
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        assert_eq!(available(&buyer.client, &shop.product_id, sku).await, 5, "everything is in stock again");
    }

    // Cash that was never collected is not owed any more.
    let (order_id, _) = ordered(&buyer, &shop, &[&shop.counted_sku], 1).await;
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    carrier_reports(&stack, &order_id, "21").await;
    let order = order_until(&buyer.client, &order_id, "RETURNED").await;
    assert_eq!((&order["payment"]["status"], &order["refunds"]), (&json!("FAILED"), &json!([])));
    stack.assert_sound().await;
}
