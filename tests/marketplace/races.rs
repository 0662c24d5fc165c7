//! What many want at once, through the router: the stores have races of their own, and here every module takes part.

use futures::future::join_all;
use serde_json::{Value, json};
use test_kit::{Client, Member};

use crate::stage::{Shop, act, available, checkout_of, id, items_of, key, marketplace, operation};

/// What each of several requests of one client at once was answered.
async fn at_once(client: &Client, name: &str, inputs: Vec<Value>) -> Vec<Value> {
    all_at_once(name, inputs.into_iter().map(|input| (client.clone(), input)).collect()).await
}

/// What each of several requests at once was answered, each of a client of its own.
async fn all_at_once(name: &str, requests: Vec<(Client, Value)>) -> Vec<Value> {
    let query = operation(name);
    let sent = requests.into_iter().map(|(client, input)| {
        let query = query.clone();
        tokio::spawn(async move { client.data(&query, json!({"input": input})).await })
    });
    let answers = join_all(sent.collect::<Vec<_>>()).await;
    answers.into_iter().map(|answer| answer.unwrap().as_object().unwrap().values().next().unwrap().clone()).collect()
}

async fn checked_out(buyer: &Member, shop: &Shop) -> Vec<String> {
    items_of(&act(&buyer.client, "09-buyer-checks-out", checkout_of(&[&shop.counted_sku], 1)).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_twenty_times_at_once_is_one_checkout_one_order_and_one_payment() {
    const ROUNDS: usize = 10;
    let stack = marketplace().await;
    let shop = Shop::open(stack, 20).await;
    let buyer = stack.member("buyer").await;
    let bought = "{ me { purchasedItems(filter: {states: [PENDING, CONFIRMED]}) { totalCount }
        purchases { totalCount } } }";
    for round in 1..=ROUNDS {
        let input = checkout_of(&[&shop.counted_sku, &shop.serial_sku], 1);
        let answers = at_once(&buyer.client, "09-buyer-checks-out", vec![input; 20]).await;
        let items = items_of(&answers[0]);
        assert_eq!(items.len(), 2, "{:#}", answers[0]);
        assert!(answers.iter().all(|answer| items_of(answer) == items), "{answers:#?}");

        let input = json!({"itemIds": items, "idempotencyKey": key()});
        let answers = at_once(&shop.seller.client, "12-seller-confirms", vec![input; 20]).await;
        let order_id = id(&answers[0]["order"]["id"]);
        assert!(answers.iter().all(|answer| answer["order"]["id"] == order_id), "{answers:#?}");

        let input = json!({"orderIds": [order_id], "method": "vnpay-qr", "idempotencyKey": key()});
        let answers = at_once(&buyer.client, "14-buyer-pays", vec![input; 20]).await;
        let payment_id = id(&answers[0]["payment"]["id"]);
        assert!(answers.iter().all(|answer| answer["payment"]["id"] == payment_id), "{answers:#?}");

        let data = buyer.client.data(bought, json!({})).await;
        let counts = json!({"purchasedItems": {"totalCount": 2 * round}, "purchases": {"totalCount": round}});
        assert_eq!(data["me"], counts, "nothing was written twice");
        for sku in [&shop.counted_sku, &shop.serial_sku] {
            let left = 20 - i64::try_from(round).expect("few rounds");
            assert_eq!(available(&buyer.client, &shop.product_id, sku).await, left);
        }
    }
    stack.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_unit_goes_to_one_of_fifty_buyers_and_when_that_one_cancels_to_another() {
    const BUYERS: usize = 50;
    const ROUNDS: usize = 3;
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let buyers = join_all((0..BUYERS).map(|_| stack.member("buyer"))).await;
    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    for sku in [&shop.counted_sku, &shop.serial_sku] {
        for _ in 0..ROUNDS {
            let requests = buyers.iter().map(|buyer| (buyer.client.clone(), checkout_of(&[sku], 1)));
            let answers = all_at_once("09-buyer-checks-out", requests.collect()).await;
            let (won, lost): (Vec<usize>, Vec<usize>) =
                (0..BUYERS).partition(|buyer| !items_of(&answers[*buyer]).is_empty());
            assert_eq!((won.len(), lost.len()), (1, BUYERS - 1), "{answers:#?}");
            let refused = json!([{"skuId": sku, "requested": 1, "available": 0}]);
            assert!(lost.iter().all(|buyer| answers[*buyer]["refusedLines"] == refused), "{answers:#?}");
            assert_eq!(available(&shop.seller.client, &shop.product_id, sku).await, 0);

            let winner = &buyers[won[0]].client;
            winner.act(cancel, json!({"itemIds": items_of(&answers[won[0]]), "idempotencyKey": key()})).await;
            assert_eq!(available(&shop.seller.client, &shop.product_id, sku).await, 1);
        }
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

/// A code each use of which takes a unit of a stock.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_voucher_goes_to_one_of_twenty_comes_back_with_its_item_and_is_gone_once_it_is_delivered() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 30).await;
    let buyer = stack.member("buyer").await;
    let seller = &shop.seller.client;
    let code = format!("V{}", &key().replace('-', "")[20..]);
    let voucher = json!({"name": "Voucher", "kind": "DISCOUNT", "percentOff": 50, "limitedByStock": true});
    let payload = "mutation($input: CreatePromotionInput!) {
        createPromotion(input: $input) { promotion { id limitedByStock } userErrors { code field } } }";
    let refused = seller.data(payload, json!({"input": voucher})).await;
    let expected = json!([{"code": "INVALID_LIMIT", "field": "limitedByStock"}]);
    assert_eq!(refused["createPromotion"]["userErrors"], expected, "it would show in every price");
    let mut input = voucher;
    input["code"] = json!(code);
    let created = seller.data(payload, json!({"input": input})).await;
    let promotion_id = id(&created["createPromotion"]["promotion"]["id"]);

    let stock = "query($id: ID!) { promotion(id: $id) { stock { available stock promotion { id } sku { id } } } }";
    let shown = async |available: &str, all: &str| {
        let wanted = json!({"available": available, "stock": all, "promotion": {"id": promotion_id}, "sku": null});
        let done = |data: &Value| data["promotion"]["stock"] == wanted;
        seller.eventually(stock, json!({"id": promotion_id}), std::time::Duration::from_secs(60), done).await;
    };
    shown("0", "0").await;
    let hidden = buyer.client.data(stock, json!({"id": promotion_id})).await;
    assert_eq!(hidden["promotion"]["stock"], Value::Null, "it is the seller's business");
    let import = "mutation($input: ImportStockInput!) {
        importStock(input: $input) { stock { available } userErrors { code field } } }";
    let both =
        json!({"skuId": shop.counted_sku, "promotionId": promotion_id, "quantity": "1", "idempotencyKey": key()});
    for wrong in [both, json!({"quantity": "1", "idempotencyKey": key()})] {
        let refused = seller.data(import, json!({"input": wrong})).await;
        let expected = json!([{"code": "STOCK_REFERENCE_INVALID", "field": "skuId"}]);
        assert_eq!(refused["importStock"]["userErrors"], expected);
    }
    let one = json!({"promotionId": promotion_id, "quantity": "1", "idempotencyKey": key()});
    let stranger = buyer.client.send(import, json!({"input": one})).await;
    assert_eq!(stranger.code(), Some("FORBIDDEN"), "{stranger:#?}");
    let imported = seller.data(import, json!({"input": one})).await;
    assert_eq!(imported["importStock"]["stock"]["available"], "1", "{imported:#}");

    let with_code = || {
        let mut input = checkout_of(&[&shop.counted_sku], 1);
        input["codes"] = json!([code]);
        input
    };
    let answers = at_once(&buyer.client, "09-buyer-checks-out", (0..20).map(|_| with_code()).collect()).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| !items_of(answer).is_empty());
    assert_eq!(won.len(), 1, "{answers:#?}");
    assert_eq!(won[0]["items"][0]["paidAmount"]["amountMinor"], "125000");
    let code_of = |answer: &&Value| answer["userErrors"][0]["code"] == "CODE_REJECTED";
    assert!(lost.iter().all(code_of), "nobody pays more than they were told: {lost:#?}");
    shown("0", "1").await;

    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    let input = json!({"itemIds": items_of(won[0]), "idempotencyKey": key()});
    buyer.client.data(cancel, json!({"input": input})).await;
    shown("1", "1").await;
    let checkout = act(&buyer.client, "09-buyer-checks-out", with_code()).await;
    let input = json!({"itemIds": items_of(&checkout), "idempotencyKey": key()});
    let order_id = id(&act(seller, "12-seller-confirms", input).await["order"]["id"]);
    let input = json!({"orderIds": [order_id], "method": "cod", "idempotencyKey": key()});
    act(&buyer.client, "14-buyer-pays", input).await;
    shown("0", "0").await;
    assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 29);
    stack.assert_sound().await;
}
