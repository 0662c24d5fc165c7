//! What many want at once, through the router: the stores have races of their own, and here every module takes part.

use futures::future::join_all;
use serde_json::{Value, json};
use test_kit::{Client, Member};

use crate::stage::{Shop, act, available, checkout_of, id, items_of, key, marketplace, operation};

/// What each of several requests at once was answered.
async fn at_once(client: &Client, name: &str, inputs: Vec<Value>) -> Vec<Value> {
    let query = operation(name);
    let requests = inputs.into_iter().map(|input| {
        let (client, query) = (client.clone(), query.clone());
        tokio::spawn(async move { client.data(&query, json!({"input": input})).await })
    });
    let answers = join_all(requests.collect::<Vec<_>>()).await;
    answers.into_iter().map(|answer| answer.unwrap().as_object().unwrap().values().next().unwrap().clone()).collect()
}

async fn checked_out(buyer: &Member, shop: &Shop) -> Vec<String> {
    items_of(&act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twenty_times_at_once_is_one_checkout_one_order_and_one_payment() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 10).await;
    let buyer = stack.member("buyer").await;

    let input = checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1);
    let answers = at_once(&buyer.client, "09-buyer-checks-out", vec![input; 20]).await;
    let items = items_of(&answers[0]);
    assert_eq!(items.len(), 2, "{:#}", answers[0]);
    assert!(answers.iter().all(|answer| items_of(answer) == items), "{answers:#?}");
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 9);

    let input = json!({"itemIds": items, "idempotencyKey": key()});
    let answers = at_once(&shop.seller.client, "12-seller-confirms", vec![input; 20]).await;
    let order_id = id(&answers[0]["order"]["id"]);
    assert!(answers.iter().all(|answer| answer["order"]["id"] == order_id), "{answers:#?}");

    let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
    let answers = at_once(&buyer.client, "14-buyer-pays", vec![input; 20]).await;
    let payment_id = id(&answers[0]["payment"]["id"]);
    assert!(answers.iter().all(|answer| answer["payment"]["id"] == payment_id), "{answers:#?}");
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_goes_to_one_of_fifty_checkouts() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let buyer = stack.member("buyer").await;
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        let inputs = (0..50).map(|_| checkout_of(&[sku], 1)).collect();
        let answers = at_once(&buyer.client, "09-buyer-checks-out", inputs).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| !items_of(answer).is_empty());
        assert_eq!((won.len(), lost.len()), (1, 49));
        let refused = json!([{"skuId": sku, "requested": 1, "available": 0}]);
        assert!(lost.iter().all(|answer| answer["refusedLines"] == refused), "{lost:#?}");
    }
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_buyer_who_cancels_and_a_seller_who_confirms_at_once_one_wins() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 20).await;
    let buyer = stack.member("buyer").await;
    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    let mut confirmed = 0;
    for _ in 0..10 {
        let items = checked_out(&buyer, &shop).await;
        let (to_cancel, to_confirm) =
            (json!({"itemIds": items, "idempotencyKey": key()}), json!({"itemIds": items, "idempotencyKey": key()}));
        let (cancelled, order) = tokio::join!(
            buyer.client.data(cancel, json!({"input": to_cancel})),
            at_once(&shop.seller.client, "12-seller-confirms", vec![to_confirm]),
        );
        let refused = [&cancelled["cancelItems"]["userErrors"], &order[0]["userErrors"]];
        let codes: Vec<_> = refused.iter().filter_map(|errors| errors[0]["code"].as_str()).collect();
        assert_eq!(codes, ["ITEM_NOT_PENDING"], "{cancelled:#} {order:#?}");
        confirmed += i64::from(order[0]["order"].is_object());
    }
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 20 - confirmed);
    stack.assert_sound().await;
}
