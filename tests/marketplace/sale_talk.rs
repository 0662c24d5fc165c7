//! What the conversation of a buyer and a seller shows of their orders, and the cards that people show one another.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::Member;

use crate::{
    aftersales::{named, order_until, refund_act, refund_until, request},
    carrier::{self, announced, carrier},
    stage::{Shop, act, administrator, checkout_of, id, items_of, key, marketplace, operation, pay_at_the_sandbox},
};

const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until the conversation with the seller shows each of these texts of an order; each stands there once.
async fn shows(buyer: &Member, order_id: &str, texts: &[&str]) {
    let query = "{ me { conversations(first: 1) { nodes {
        messages(first: 100) { nodes { kind body sequence order { id } } } } } } }";
    let said = |data: &Value| -> Vec<String> {
        let messages = data["me"]["conversations"]["nodes"][0]["messages"]["nodes"].as_array().cloned();
        let of_order = |message: &&Value| message["kind"] == "SYSTEM" && message["order"]["id"] == order_id;
        let messages = messages.unwrap_or_default();
        let mut bodies: Vec<String> = messages.iter().filter(of_order).map(|message| id(&message["body"])).collect();
        bodies.reverse();
        bodies
    };
    let is_there = |data: &Value| said(data).len() >= texts.len();
    let data = buyer.client.eventually(query, json!({}), PATIENCE, is_there).await;
    let mut found = said(&data);
    assert!(found[0].starts_with("Order confirmed"), "{found:#?}");
    let mut wanted: Vec<&str> = texts.to_vec();
    // What two handlers say at the same moment comes in either order.
    found.sort();
    wanted.sort_unstable();
    let found: Vec<&str> = found.iter().map(|text| text.split(':').next().unwrap()).collect();
    assert_eq!(found, wanted);
}

async fn ordered(buyer: &Member, shop: &Shop) -> String {
    let checkout = act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await;
    let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_turn_of_an_order_is_told_once_in_the_conversation_of_its_parties() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;

    let order_id = ordered(&buyer, &shop).await;
    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let payment = act(&buyer.client, "14-buyer-pays", input).await["payment"].clone();
    // The sandbox reports it twice.
    pay_at_the_sandbox(&payment, "&reports=2").await;
    let order = order_until(&buyer.client, &order_id, "DELIVERED").await;
    let way = ["Order confirmed", "Order paid.", "Order shipped.", "Order delivered."];
    shows(&buyer, &order_id, &way).await;

    let lines = json!([{"itemId": order["items"][0]["id"], "quantity": 1}]);
    let refund = refund_act(&buyer.client, "requestRefund", request(&order_id, lines.clone())).await;
    refund_act(&buyer.client, "withdrawRefund", named(&id(&refund["id"]))).await;
    let refund = refund_act(&buyer.client, "requestRefund", request(&order_id, lines.clone())).await;
    let refund_id = id(&refund["id"]);
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    refund_until(&buyer.client, &refund_id, |refund| refund["returnShipment"]["status"] == "DELIVERED").await;
    let lines = json!([{"itemId": order["items"][0]["id"], "sellableQuantity": 1, "damagedQuantity": 0}]);
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(), "lines": lines});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    let back = ["Refund requested", "Refund withdrawn", "Refund requested", "Refund accepted", "Refund paid"];
    shows(&buyer, &order_id, &[&way[..], &back[..]].concat()).await;

    let unwanted = ordered(&buyer, &shop).await;
    let cancel = "mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { userErrors { code } } }";
    let input = json!({"orderId": unwanted, "idempotencyKey": key()});
    let cancelled = buyer.client.data(cancel, json!({"input": input})).await;
    assert_eq!(cancelled["cancelOrder"]["userErrors"], json!([]));
    shows(&buyer, &unwanted, &["Order confirmed", "Order cancelled."]).await;

    let at_the_door = ordered(&buyer, &shop).await;
    let input = json!({"orderIds": [at_the_door], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    let way = ["Order confirmed", "Order placed", "Order shipped.", "Order delivered."];
    shows(&buyer, &at_the_door, &way).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_that_could_not_be_delivered_and_came_back_is_told_once_in_the_conversation() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let reported = async |order_id: &str, statuses: &str| {
        carrier(stack, &format!("report?partner_id={order_id}&statuses={statuses}&reports=2")).await;
    };
    let failed = "The carrier could not deliver the parcel.";
    let returned = "The parcel could not be delivered and is back with the seller.";

    // The second attempt succeeds.
    let mended = carrier::ordered(&buyer, &shop).await;
    carrier::pay(&buyer, &mended, "cod").await;
    announced(&buyer.client, &mended).await;
    reported(&mended, "3").await;
    let way = ["Order confirmed", "Order placed", "Order shipped."];
    shows(&buyer, &mended, &way).await;
    reported(&mended, "9").await;
    shows(&buyer, &mended, &[&way[..], &[failed]].concat()).await;
    reported(&mended, "5").await;
    shows(&buyer, &mended, &[&way[..], &[failed, "Order delivered."]].concat()).await;

    // Nobody is at home, and what was paid comes back.
    let order_id = carrier::ordered(&buyer, &shop).await;
    pay_at_the_sandbox(&carrier::pay(&buyer, &order_id, "vnpay-qr").await, "").await;
    announced(&buyer.client, &order_id).await;
    reported(&order_id, "3").await;
    let way = ["Order confirmed", "Order paid.", "Order shipped."];
    shows(&buyer, &order_id, &way).await;
    reported(&order_id, "9").await;
    shows(&buyer, &order_id, &[&way[..], &[failed]].concat()).await;
    reported(&order_id, "21").await;
    shows(&buyer, &order_id, &[&way[..], &[failed, returned, "Refund paid"]].concat()).await;
    // What comes after the end is not told.
    reported(&order_id, "3,9,21").await;
    order_until(&buyer.client, &order_id, "RETURNED").await;
    shows(&buyer, &order_id, &[&way[..], &[failed, returned, "Refund paid"]].concat()).await;
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_declined_and_its_dispute_are_told_once_in_the_conversation() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let admin = administrator(stack).await;
    for (outcome, decided) in
        [("FOR_SELLER", "Dispute decided for the seller"), ("FOR_BUYER", "Dispute decided for the buyer")]
    {
        let order_id = ordered(&buyer, &shop).await;
        let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
        act(&buyer.client, "14-buyer-pays", input).await;
        let order = order_until(&buyer.client, &order_id, "DELIVERED").await;
        let way = ["Order confirmed", "Order placed", "Order shipped.", "Order delivered."];
        shows(&buyer, &order_id, &way).await;

        let lines = json!([{"itemId": order["items"][0]["id"], "quantity": 1}]);
        let refund_id = id(&refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await["id"]);
        let said = |field: &str| {
            let mut input = named(&refund_id);
            input[field] = json!("I see it differently.");
            input
        };
        let decline = said("reason");
        refund_act(&shop.seller.client, "declineRefund", decline.clone()).await;
        refund_act(&shop.seller.client, "declineRefund", decline).await;
        let declined = ["Refund requested", "Refund declined"];
        shows(&buyer, &order_id, &[&way[..], &declined].concat()).await;

        refund_act(&buyer.client, "disputeRefund", said("reason")).await;
        let disputed = ["Refund disputed"];
        shows(&buyer, &order_id, &[&way[..], &declined, &disputed].concat()).await;
        let mut decision = said("note");
        decision["outcome"] = json!(outcome);
        refund_act(&admin, "decideDispute", decision).await;
        shows(&buyer, &order_id, &[&way[..], &declined, &disputed, &[decided]].concat()).await;
    }
    stack.assert_sound().await;
}

async fn talk(one: &Member, other: &Member) -> String {
    let opened = act(&one.client, "18-buyer-opens-a-conversation", json!({"accountId": other.id})).await;
    id(&opened["conversation"]["id"])
}

/// Sends a card without a word, and gives the message as its sender sees it.
async fn show(sender: &Member, conversation_id: &str, mut card: Value) -> Value {
    let send = "mutation($input: SendMessageInput!) { sendMessage(input: $input) {
        message { sequence kind body product { id name } order { id status } } userErrors { code message field } } }";
    card["conversationId"] = json!(conversation_id);
    card["clientId"] = json!(key());
    sender.client.act(send, card).await["message"].clone()
}

/// The message of this number, as somebody sees it who reads the conversation.
async fn read(reader: &Member, conversation_id: &str, sequence: &Value) -> Value {
    let query = "query($id: ID!) { conversation(id: $id) { messages(first: 100) { nodes {
        sequence kind body product { id name } order { id status } } } } }";
    let data = reader.client.data(query, json!({"id": conversation_id})).await;
    let messages = data["conversation"]["messages"]["nodes"].as_array().unwrap();
    messages.iter().find(|message| message["sequence"] == *sequence).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_a_product_shows_it_to_both_and_that_of_none_is_empty() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let buyer = stack.member("buyer").await;
    let conversation_id = talk(&buyer, &shop.seller).await;
    let follow = json!({"conversationId": conversation_id, "after": "0"});
    let mut arriving = shop.seller.client.subscribe(&operation("19-messages-arrive"), follow).await;

    let product = json!({"id": shop.product_id, "name": shop.name});
    let card = show(&buyer, &conversation_id, json!({"productId": shop.product_id})).await;
    let wanted = json!({"sequence": "1", "kind": "TEXT", "body": "", "product": product, "order": null});
    assert_eq!(card, wanted);
    assert_eq!(arriving.next().await.unwrap()["messageReceived"]["product"], product);
    assert_eq!(read(&shop.seller, &conversation_id, &card["sequence"]).await, wanted);

    // An id that no product has.
    let card = show(&buyer, &conversation_id, json!({"productId": key()})).await;
    assert_eq!((&card["sequence"], &card["product"]), (&json!("2"), &Value::Null));
    let arrived = arriving.next().await.unwrap()["messageReceived"].clone();
    assert_eq!((&arrived["sequence"], &arrived["product"]), (&json!("2"), &Value::Null));
    assert_eq!(read(&shop.seller, &conversation_id, &card["sequence"]).await, card);
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_an_order_shows_it_to_its_parties_and_to_nobody_else() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let (buyer, friend) = (stack.member("buyer").await, stack.member("friend").await);
    let order_id = ordered(&buyer, &shop).await;
    let order = json!({"id": order_id, "status": "CONFIRMED"});

    let conversation_id = talk(&buyer, &shop.seller).await;
    for (sender, reader) in [(&buyer, &shop.seller), (&shop.seller, &buyer)] {
        let card = show(sender, &conversation_id, json!({"orderId": order_id})).await;
        assert_eq!((&card["order"], &card["product"]), (&order, &Value::Null));
        assert_eq!(read(reader, &conversation_id, &card["sequence"]).await, card);
    }

    // Whoever is no party of it learns nothing by a card: neither from a party, nor by sending one.
    let conversation_id = talk(&buyer, &friend).await;
    for sender in [&buyer, &friend] {
        let sent = show(sender, &conversation_id, json!({"orderId": order_id})).await;
        for (reader, shown) in [(&buyer, &order), (&friend, &Value::Null)] {
            let card = read(reader, &conversation_id, &sent["sequence"]).await;
            assert_eq!(&card["order"], shown, "message {}", sent["sequence"]);
        }
    }

    let unknown = show(&buyer, &conversation_id, json!({"orderId": key()})).await;
    assert_eq!(unknown["order"], Value::Null);
    stack.assert_sound().await;
}
