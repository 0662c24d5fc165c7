//! A stock that runs low, from the threshold that its seller sets to the notification.

use std::time::Duration;

use serde_json::{Value, json};
use test_kit::Client;

use crate::stage::{Shop, act, checkout_of, items_of, key, marketplace};

const PATIENCE: Duration = Duration::from_secs(60);

/// What a seller was told of stocks that run low, the newest first.
async fn alerts(seller: &Client) -> Vec<Value> {
    let query = "{ me { notifications(first: 100) { nodes { kind title content metadata } } } }";
    let data = seller.data(query, json!({})).await;
    let all = data["me"]["notifications"]["nodes"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|one| one["kind"] == "STOCK_LOW").collect()
}

/// Waits until a seller was told of stocks that run low at least so many times.
async fn told(seller: &Client, times: usize) {
    let query = "{ me { notifications(first: 100) { nodes { kind } } } }";
    let is_told = |data: &Value| {
        let all = data["me"]["notifications"]["nodes"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|one| one["kind"] == "STOCK_LOW").count() >= times
    };
    seller.eventually(query, json!({}), PATIENCE, is_told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_is_told_once_each_time_a_checkout_takes_a_stock_to_its_threshold() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let (buyer, seller) = (stack.member("buyer").await, &shop.seller.client);
    let set = "mutation($input: SetLowStockThresholdInput!) {
        setLowStockThreshold(input: $input) { stock { lowStockThreshold } userErrors { code } } }";
    let stock = seller.act(set, json!({"skuId": shop.counted_sku, "threshold": "3"})).await["stock"].clone();
    assert_eq!(stock["lowStockThreshold"], "3");
    let buy = async |input: Value| items_of(&act(&buyer.client, "09-buyer-checks-out", input).await);

    // 4 are left, then 3, then 2: the second checkout crosses the threshold, and asking again crosses nothing.
    let mut bought = buy(checkout_of(&[&shop.counted_sku], 1)).await;
    let crossing = checkout_of(&[&shop.counted_sku], 1);
    bought.extend(buy(crossing.clone()).await);
    buy(crossing).await;
    bought.extend(buy(checkout_of(&[&shop.counted_sku], 1)).await);
    told(seller, 1).await;

    // All come back, and one checkout takes four of them: it is crossed once more.
    let cancel = "mutation($input: CancelItemsInput!) { cancelItems(input: $input) { userErrors { code } } }";
    buyer.client.act(cancel, json!({"itemIds": bought, "idempotencyKey": key()})).await;
    buy(checkout_of(&[&shop.counted_sku], 4)).await;
    told(seller, 2).await;
    stack.assert_sound().await;

    let alerts = alerts(seller).await;
    let expected = [("has one unit left.", "1"), ("has 3 units left.", "3")];
    assert_eq!(alerts.len(), expected.len(), "the first and the third checkout are no news: {alerts:#?}");
    for (alert, (content, available)) in alerts.iter().zip(expected) {
        assert_eq!(alert["title"], "Stock is running low");
        assert_eq!(alert["content"], format!("{} (Small) {content}", shop.name));
        let about = json!({"skuId": shop.counted_sku, "productId": shop.product_id, "available": available});
        assert_eq!(alert["metadata"], about);
    }
}
