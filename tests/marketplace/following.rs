//! What buyers and sellers follow live: from the number they have, without gaps, and nothing of anybody else's.

use serde_json::{Value, json};
use test_kit::{Client, Member, Subscription};

use crate::stage::{Shop, act, checkout_of, id, items_of, key, marketplace};

const INCOMING: &str = "subscription($after: BigInt) { incomingItemsChanged(after: $after) {
    sequence kind items { id } } }";

const ORDERS: &str = "subscription($role: OrderRole!, $after: BigInt) { myOrdersChanged(role: $role, after: $after) {
    sequence event { status } order { id } } }";

/// One lamp, by a carrier that waits for reports, so that nothing happens that nobody does here.
async fn checked_out(buyer: &Member, shop: &Shop) -> String {
    let mut input = checkout_of(&[&shop.counted_sku], 1);
    input["transportOption"] = json!("ghtk-economy");
    items_of(&act(&buyer.client, "09-buyer-checks-out", input).await)[0].clone()
}

async fn confirmed(shop: &Shop, item_id: &str) -> String {
    let input = json!({"itemIds": [item_id], "idempotencyKey": key()});
    id(&act(&shop.seller.client, "12-seller-confirms", input).await["order"]["id"])
}

/// Runs a mutation that must succeed, by its name.
async fn command(client: &Client, name: &str, input: Value) {
    let type_name = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let mutation =
        format!("mutation($input: {type_name}!) {{ {name}(input: $input) {{ userErrors {{ code message }} }} }}");
    client.act(&mutation, input).await;
}

/// The next change of pending items: its number, what it was, and of which items.
async fn incoming(stream: &mut Subscription) -> (String, String, Vec<String>) {
    let event = stream.next().await.expect("the stream goes on");
    let change = &event["incomingItemsChanged"];
    (id(&change["sequence"]), id(&change["kind"]), items_of(change))
}

/// The next change of an order: its number, the order, and where it came to.
async fn moved(stream: &mut Subscription) -> (String, String, String) {
    let event = stream.next().await.expect("the stream goes on");
    let change = &event["myOrdersChanged"];
    (id(&change["sequence"]), id(&change["order"]["id"]), id(&change["event"]["status"]))
}

fn change(number: usize, subject: &str, what: &str) -> (String, String, String) {
    (number.to_string(), subject.to_owned(), what.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_who_was_away_gets_the_changes_of_pending_items_after_the_last_one_and_then_the_new_ones() {
    let stack = marketplace().await;
    let (shop, other) = (Shop::open(stack, 10).await, Shop::open(stack, 10).await);
    let buyer = stack.member("buyer").await;
    let seller = &shop.seller.client;
    let (one, two) = (checked_out(&buyer, &shop).await, checked_out(&buyer, &shop).await);
    // What another seller is asked is no news here.
    checked_out(&buyer, &other).await;
    command(&buyer.client, "cancelItems", json!({"itemIds": [one], "idempotencyKey": key()})).await;
    confirmed(&shop, &two).await;

    let news = |number: usize, kind: &str, item: &str| (number.to_string(), kind.to_owned(), vec![item.to_owned()]);
    for after in [2, 0, 1, 3] {
        let mut stream = seller.subscribe(INCOMING, json!({"after": after.to_string()})).await;
        let all = [
            news(1, "ARRIVED", &one),
            news(2, "ARRIVED", &two),
            news(3, "CANCELLED", &one),
            news(4, "CONFIRMED", &two),
        ];
        for expected in &all[after..] {
            assert_eq!(&incoming(&mut stream).await, expected, "after {after}");
        }
    }

    // A stream that has seen everything sees what is to come.
    let mut resumed = seller.subscribe(INCOMING, json!({"after": "4"})).await;
    let three = checked_out(&buyer, &shop).await;
    assert_eq!(incoming(&mut resumed).await, news(5, "ARRIVED", &three));
    let reject = json!({"itemIds": [three], "reason": "Sold out.", "idempotencyKey": key()});
    command(seller, "rejectItems", reject).await;
    assert_eq!(incoming(&mut resumed).await, news(6, "REJECTED", &three));

    // A number that has not been yet is none to go on from, and neither is one below nothing.
    for after in ["7", "-1"] {
        let mut stream = seller.subscribe(INCOMING, json!({"after": after})).await;
        let end = stream.next().await.expect_err("it has no beginning");
        assert!(end.to_string().contains("BAD_USER_INPUT"), "{after}: {end:#}");
    }
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_orders_of_a_role_come_in_one_numbered_list_and_each_party_has_its_own() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let (ann, bob) = (stack.member("ann").await, stack.member("bob").await);
    let anns = confirmed(&shop, &checked_out(&ann, &shop).await).await;
    let bobs = confirmed(&shop, &checked_out(&bob, &shop).await).await;
    let pay = json!({"orderIds": [anns], "method": "cod", "idempotencyKey": key()});
    act(&ann.client, "14-buyer-pays", pay).await;
    command(&bob.client, "cancelOrder", json!({"orderId": bobs, "idempotencyKey": key()})).await;

    let sold = [
        change(1, &anns, "CONFIRMED"),
        change(2, &bobs, "CONFIRMED"),
        change(3, &anns, "PAYABLE_ON_DELIVERY"),
        change(4, &bobs, "CANCELLED"),
    ];
    let anns_own = [change(1, &anns, "CONFIRMED"), change(2, &anns, "PAYABLE_ON_DELIVERY")];
    let bobs_own = [change(1, &bobs, "CONFIRMED"), change(2, &bobs, "CANCELLED")];
    for (client, role, all) in [
        (&shop.seller.client, "SELLER", &sold[..]),
        (&ann.client, "BUYER", &anns_own[..]),
        (&bob.client, "BUYER", &bobs_own[..]),
    ] {
        for after in 0..all.len() {
            let mut stream = client.subscribe(ORDERS, json!({"role": role, "after": after.to_string()})).await;
            for expected in &all[after..] {
                assert_eq!(&moved(&mut stream).await, expected, "{role} after {after}");
            }
        }
    }

    // Live, each under the number of the own list.
    let mut sales = shop.seller.client.subscribe(ORDERS, json!({"role": "SELLER", "after": "4"})).await;
    let mut purchases = ann.client.subscribe(ORDERS, json!({"role": "BUYER", "after": "2"})).await;
    // Whoever sells may buy as well: that is another list, which is empty here.
    let mut sellers_own = shop.seller.client.subscribe(ORDERS, json!({"role": "BUYER", "after": "0"})).await;
    command(&ann.client, "cancelOrder", json!({"orderId": anns, "idempotencyKey": key()})).await;
    assert_eq!(moved(&mut sales).await, change(5, &anns, "CANCELLED"));
    assert_eq!(moved(&mut purchases).await, change(3, &anns, "CANCELLED"));
    let own = Shop::open(stack, 1).await;
    let bought = confirmed(&own, &checked_out(&shop.seller, &own).await).await;
    assert_eq!(moved(&mut sellers_own).await, change(1, &bought, "CONFIRMED"), "the first of this list");
    stack.assert_sound().await;
}
