//! One complete sale through all eight modules, by the operations that the playground offers.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::{Client, Layout, Member, Stack, Subscription};

use crate::stage::{
    Shop, act, address, available, id, items_of, key, marketplace, operation, pay_at_the_sandbox, start,
};

const PATIENCE: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_from_the_first_listing_to_the_review() {
    let stack = marketplace().await;
    sale(stack).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_with_every_module_in_a_process_of_its_own() {
    let stack = start(Layout::Apart).await;
    sale(&stack).await;
    stack.assert_sound().await;
}

/// A subscription of the story. Behind a router without subscriptions there is none, and nothing of it is looked at.
struct Live(Option<Subscription>);

impl Live {
    async fn open(client: &Client, name: &str, variables: Value) -> Self {
        if !client.has_subscriptions() {
            return Self(None);
        }
        Self(Some(client.subscribe(&operation(name), variables).await))
    }

    /// The next event that is so, when there are events.
    async fn next_where(&mut self, is_so: impl Fn(&Value) -> bool) -> Option<Value> {
        match &mut self.0 {
            Some(subscription) => Some(subscription.next_where(is_so).await),
            None => None,
        }
    }
}

async fn sale(stack: &Stack) {
    let shop = Shop::open(stack, 10).await;
    promotion_shows_on_the_card(stack, &shop).await;
    let buyer = stack.member("buyer").await;
    let items = checkout_reserves(&buyer, &shop).await;
    let order_id = seller_confirms(&shop, &items).await;
    stranger_finds_no_order(stack, &order_id).await;
    paid_by_vnpay_and_delivered(&buyer, &order_id).await;
    paid_by_cod_and_delivered(&buyer, &shop).await;
    review_raises_popularity(&buyer, &shop).await;
    chat_about_it(&buyer, &shop).await;
    everybody_was_told(&buyer, &shop).await;
}

async fn promotion_shows_on_the_card(stack: &Stack, shop: &Shop) {
    let input = json!({"name": "Opening week", "kind": "DISCOUNT", "percentOff": 10, "autoApply": true});
    act(&shop.seller.client, "06-seller-creates-a-promotion", input).await;
    let found = |data: &Value| data["searchProducts"]["edges"][0]["node"]["id"] == shop.product_id;
    let query = operation("07-buyer-searches");
    let data = stack.client().eventually(&query, json!({"query": shop.name}), PATIENCE, found).await;
    let sku = &data["searchProducts"]["edges"][0]["node"]["featuredSku"];
    assert_eq!(sku["price"]["amountMinor"], "250000");
    assert_eq!(sku["offer"]["price"]["amountMinor"], "225000", "{sku:#}");
    assert_eq!(sku["offer"]["applied"][0]["promotion"]["name"], "Opening week");
    assert_eq!(sku["stock"]["available"], "10");
}

async fn checkout_reserves(buyer: &Member, shop: &Shop) -> Vec<String> {
    let mut incoming = Live::open(&shop.seller.client, "10-seller-sees-incoming-items", json!({"after": "0"})).await;
    for (sku, quantity) in [(&shop.counted_sku, 2), (&shop.serial_sku, 1)] {
        let input = json!({"skuId": sku, "quantity": quantity});
        act(&buyer.client, "08-buyer-fills-the-cart", input).await;
    }
    let input = json!({
        "fromCart": true, "address": address(), "transportOption": "table-rate", "idempotencyKey": key(),
    });
    let checkout = act(&buyer.client, "09-buyer-checks-out", input.clone()).await;
    assert_eq!(checkout["refusedLines"], json!([]));
    let items = items_of(&checkout);
    assert_eq!(items.len(), 2);
    assert!(checkout["items"].as_array().unwrap().iter().all(|item| item["state"] == "PENDING"));
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 8);
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.serial_sku).await, 9);

    let repeated = act(&buyer.client, "09-buyer-checks-out", input).await;
    assert_eq!(items_of(&repeated), items, "the same key gives the first answer");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 8);
    let cart = buyer.client.data("{ me { cart { totalQuantity } } }", json!({})).await;
    assert_eq!(cart["me"]["cart"]["totalQuantity"], 0);

    if let Some(arrived) = incoming.next_where(|event| event["incomingItemsChanged"]["kind"] == "ARRIVED").await {
        let seen = arrived["incomingItemsChanged"]["items"].as_array().expect("items arrived").len();
        assert_eq!(seen, 2, "{arrived:#}");
    }
    items
}

async fn seller_confirms(shop: &Shop, items: &[String]) -> String {
    let quote =
        act(&shop.seller.client, "11-seller-quotes-transport", json!({"itemIds": items})).await["quote"].clone();
    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let order = act(&shop.seller.client, "12-seller-confirms", input).await["order"].clone();
    let amount = |value: &Value, name: &str| -> i64 {
        value[name]["amountMinor"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| panic!("{name} of {value:#}"))
    };
    assert_eq!(order["status"], "CONFIRMED");
    assert_eq!(amount(&order, "productCost"), 2 * 250_000 + 400_000);
    assert_eq!(amount(&order, "productDiscount"), 90_000, "10 % of it");
    let total = amount(&order, "productCost") - amount(&order, "productDiscount") + amount(&order, "transportCost")
        - amount(&order, "transportDiscount");
    assert_eq!(amount(&order, "total"), total);
    assert_eq!(amount(&quote, "total"), total, "the quote is what it then costs");
    assert_eq!(order["shipment"]["status"], "CREATED");
    id(&order["id"])
}

async fn stranger_finds_no_order(stack: &Stack, order_id: &str) {
    let stranger = stack.member("stranger").await;
    let reply = stranger.client.send(&operation("15-an-order-of-its-parties"), json!({"id": order_id})).await;
    assert_eq!(reply.code(), Some("NOT_FOUND"), "{reply:#?}");
}

async fn paid_by_vnpay_and_delivered(buyer: &Member, order_id: &str) {
    let variables = json!({"orderId": order_id, "after": "0"});
    let mut order = Live::open(&buyer.client, "13-buyer-follows-the-order", variables).await;
    let status = |wanted: &'static str| move |event: &Value| event["orderStatusChanged"]["event"]["status"] == wanted;
    order.next_where(status("CONFIRMED")).await;

    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    assert_eq!(payment["status"], "PENDING");
    pay_at_the_sandbox(&payment, "").await;

    order.next_where(status("PAID")).await;
    for moved in ["PICKED_UP", "IN_TRANSIT", "DELIVERED"] {
        order.next_where(|event| event["orderStatusChanged"]["event"]["shipmentStatus"] == moved).await;
    }
    wait_until_delivered(&buyer.client, order_id, "SUCCEEDED").await;
}

async fn paid_by_cod_and_delivered(buyer: &Member, shop: &Shop) {
    let checkout = crate::stage::checkout_of(&[&shop.counted_sku], 1);
    let checkout = act(&buyer.client, "09-buyer-checks-out", checkout).await;
    let order_id = {
        let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
        id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
    };
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    assert_eq!((&payment["status"], &payment["redirectUrl"]), (&json!("ON_DELIVERY"), &Value::Null));
    wait_until_delivered(&buyer.client, &order_id, "SUCCEEDED").await;
}

async fn wait_until_delivered(buyer: &Client, order_id: &str, payment: &str) {
    let done = |data: &Value| data["order"]["status"] == "DELIVERED" && data["order"]["payment"]["status"] == payment;
    buyer.eventually(&operation("15-an-order-of-its-parties"), json!({"id": order_id}), PATIENCE, done).await;
}

async fn review_raises_popularity(buyer: &Member, shop: &Shop) {
    let query = operation("17-popularity");
    let variables = json!({"id": shop.product_id});
    let score = |data: &Value| data["product"]["popularity"]["score"].as_f64().unwrap_or_default();
    let before = score(&buyer.client.data(&query, variables.clone()).await);
    let input = json!({"productId": shop.product_id, "rating": 5, "body": "Beautiful light.", "idempotencyKey": key()});
    let review = act(&buyer.client, "16-buyer-reviews", input).await;
    assert_eq!(review["review"]["product"]["rating"]["count"], 1, "{review:#}");
    buyer.client.eventually(&query, variables, PATIENCE, |data| score(data) > before).await;
}

async fn chat_about_it(buyer: &Member, shop: &Shop) {
    let opened = act(&buyer.client, "18-buyer-opens-a-conversation", json!({"accountId": shop.seller.id})).await;
    let conversation_id = id(&opened["conversation"]["id"]);
    let write = async |client: &Client, client_id: &str, body: &str| {
        let input = json!({"conversationId": conversation_id, "clientId": client_id, "body": body});
        act(client, "20-write-a-message", input).await["message"].clone()
    };
    let variables = json!({"conversationId": conversation_id, "after": "0"});
    let mut messages = Live::open(&shop.seller.client, "19-messages-arrive", variables.clone()).await;
    let mut by_sse = None;
    if buyer.client.has_subscriptions() {
        by_sse = Some(buyer.client.subscribe_by_sse(&operation("19-messages-arrive"), variables).await);
    }
    let asked = write(&buyer.client, "m1", "Does it come with a bulb?").await;
    assert_eq!(write(&buyer.client, "m1", "Does it come with a bulb?").await, asked, "the same client id writes once");
    let answered = write(&shop.seller.client, "m2", "It does.").await;
    let number = |message: &Value| -> i64 { message["sequence"].as_str().and_then(|text| text.parse().ok()).unwrap() };
    assert_eq!(number(&answered), number(&asked) + 1, "no second copy in between");

    let is = |body: &'static str| move |event: &Value| event["messageReceived"]["body"] == body;
    if let Some(event) = messages.next_where(is("Does it come with a bulb?")).await {
        assert_eq!(event["messageReceived"]["sender"]["id"], json!(buyer.id));
        let event = messages.0.expect("it is open").next().await.expect("it goes on");
        assert_eq!(event["messageReceived"]["sequence"], answered["sequence"], "{event:#}");
    }
    if let Some(mut events) = by_sse {
        while !is("It does.")(&events.next().await) {}
    }
    let query = "query($id: ID!) { account(id: $id) { responseStatistics { talkCount responseRate } } }";
    let shop_told = buyer.client.data(query, json!({"id": shop.seller.id})).await;
    assert_eq!(shop_told["account"]["responseStatistics"], json!({"talkCount": 1, "responseRate": 1.0}));
}

async fn everybody_was_told(buyer: &Member, shop: &Shop) {
    let told = |client: Client, wanted: &'static [&'static str]| async move {
        let done = |data: &Value| {
            let edges = data["me"]["notifications"]["edges"].as_array().cloned().unwrap_or_default();
            wanted.iter().all(|kind| edges.iter().any(|edge| edge["node"]["kind"] == *kind))
        };
        client.eventually(&operation("21-me"), json!({}), PATIENCE, done).await;
    };
    told(buyer.client.clone(), &["ORDER_CONFIRMED", "ORDER_DELIVERED"]).await;
    told(shop.seller.client.clone(), &["ITEMS_INCOMING", "ORDER_PAID", "REVIEW_WRITTEN", "MESSAGE_RECEIVED"]).await;
}
