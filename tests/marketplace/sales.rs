//! What a sale leaves behind for its seller: figures, counts on cards, and what buyers looked at.

use std::time::Duration;

use chrono::{Days, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    aftersales::{named, order_until, ordered, paid, refund_act, refund_until, request},
    stage::{Shop, id, key, marketplace},
};

const PATIENCE: Duration = Duration::from_secs(60);

const DASHBOARD: &str = "query($from: NaiveDate!, $to: NaiveDate!) { me { soldCount sellerStatistics { productCount }
    dashboard(from: $from, to: $to, timeZone: \"Asia/Ho_Chi_Minh\") {
        total { orders unitsSold unitsReturned views revenue { net { amountMinor currency } } }
        topProducts { product { id name soldCount } units } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_and_what_goes_back_of_it_show_in_the_figures_of_its_seller_alone() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let buyer = stack.member("buyer").await;
    let view = json!({"id": Uuid::now_v7(), "productId": shop.product_id, "kind": "VIEW"});
    let track = "mutation($input: TrackInteractionsInput!) {
        trackInteractions(input: $input) { acceptedCount userErrors { code } } }";
    buyer.client.data(track, json!({"input": {"interactions": [view, view]}})).await;
    let (order_id, items) = ordered(&buyer, &shop, &[&shop.counted_sku], 2).await;
    paid(&buyer, &order_id, "").await;

    let today = Utc::now().date_naive();
    let days = json!({"from": today - Days::new(2), "to": today + Days::new(2)});
    let sold = |data: &Value| {
        let total = &data["me"]["dashboard"]["total"];
        total["orders"] == "1" && total["unitsSold"] == "2" && total["views"] == "1"
    };
    let data = shop.seller.client.eventually(DASHBOARD, days.clone(), PATIENCE, sold).await;
    assert_eq!((&data["me"]["soldCount"], &data["me"]["sellerStatistics"]["productCount"]), (&json!("2"), &json!(1)));
    let total = &data["me"]["dashboard"]["total"];
    assert_eq!(total["revenue"][0]["net"], json!({"amountMinor": "500000", "currency": "VND"}));
    let best = json!([{"product": {"id": shop.product_id, "name": shop.name, "soldCount": "2"}, "units": "2"}]);
    assert_eq!(data["me"]["dashboard"]["topProducts"], best);

    let spy = "query($id: ID!, $from: NaiveDate!, $to: NaiveDate!) { account(id: $id) {
        dashboard(from: $from, to: $to) { timeZone } } }";
    let of_another = json!({"id": shop.seller.id, "from": today, "to": today});
    assert_eq!(buyer.client.send(spy, of_another).await.code(), Some("FORBIDDEN"));

    let recent = "{ recentlyViewedProducts { edges { node { id name } } } }";
    let there = |data: &Value| {
        data["recentlyViewedProducts"]["edges"] == json!([{"node": {"id": shop.product_id, "name": shop.name}}])
    };
    buyer.client.eventually(recent, json!({}), PATIENCE, there).await;

    order_until(&buyer.client, &order_id, "DELIVERED").await;
    let lines = json!([{"itemId": items[0], "quantity": 1}]);
    let refund_id = id(&refund_act(&buyer.client, "requestRefund", request(&order_id, lines)).await["id"]);
    refund_act(&shop.seller.client, "acceptRefund", named(&refund_id)).await;
    refund_until(&buyer.client, &refund_id, |refund| refund["returnShipment"]["status"] == "DELIVERED").await;
    let receipt = json!({"refundId": refund_id, "idempotencyKey": key(),
        "lines": [{"itemId": items[0], "sellableQuantity": 1, "damagedQuantity": 0}]});
    refund_act(&shop.seller.client, "confirmRefundReceipt", receipt).await;
    let returned = |data: &Value| data["me"]["dashboard"]["total"]["unitsReturned"] == "1";
    let data = shop.seller.client.eventually(DASHBOARD, days, PATIENCE, returned).await;
    assert_eq!(data["me"]["soldCount"], "1");
    assert_eq!(data["me"]["dashboard"]["total"]["revenue"][0]["net"]["amountMinor"], "250000");
    stack.assert_sound().await;
}
