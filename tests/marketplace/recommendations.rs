//! Recommendations in the running marketplace: what an account does is what it is shown.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Shop, marketplace};

const PATIENCE: Duration = Duration::from_secs(60);

const RECOMMENDED: &str = "{ recommendedProducts(first: 100) { source edges { source node { id seller { id } } } } }";

fn source_of<'a>(data: &'a Value, product_id: &str) -> Option<&'a str> {
    let edges = data["recommendedProducts"]["edges"].as_array()?;
    edges.iter().find(|edge| edge["node"]["id"] == product_id)?["source"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_is_shown_something_and_then_what_it_likes_but_not_what_it_hid() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 5).await;
    let likes = Shop::open(stack, 5).await;
    let viewer = stack.member("visitor").await.client;
    let track = "mutation($input: TrackInteractionsInput!) {
        trackInteractions(input: $input) { acceptedCount userErrors { code } } }";
    let did = async |product_id: &str, kind: &str| {
        let one = json!({"id": Uuid::now_v7(), "productId": product_id, "kind": kind});
        let data = viewer.data(track, json!({"input": {"interactions": [one]}})).await;
        assert_eq!(data["trackInteractions"]["acceptedCount"], 1, "{data:#}");
    };

    let data = viewer.data(RECOMMENDED, json!({})).await;
    assert_ne!(data["recommendedProducts"]["source"], "PERSONAL");
    assert_ne!(data["recommendedProducts"]["edges"], json!([]), "at once");

    did(&likes.product_id, "ADD_TO_CART").await;
    let personal = |data: &Value| source_of(data, &shop.product_id) == Some("PERSONAL");
    viewer.eventually(RECOMMENDED, json!({}), PATIENCE, personal).await;
    did(&shop.product_id, "HIDE_ITEM").await;
    let gone = |data: &Value| source_of(data, &shop.product_id).is_none();
    viewer.eventually(RECOMMENDED, json!({}), PATIENCE, gone).await;
    stack.assert_sound().await;
}
