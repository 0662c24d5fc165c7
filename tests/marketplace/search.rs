//! Search in the running marketplace: the index follows by itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{Shop, marketplace};

const PATIENCE: Duration = Duration::from_secs(60);

const SEARCH: &str =
    "query($query: String!, $filter: ProductFilterInput) { searchProducts(query: $query, filter: $filter) {
    mode edges { node { id similarProducts(first: 2) { id } } highlight { name { text match } } } } }";

fn ids(data: &Value) -> Vec<&str> {
    let edges = data["searchProducts"]["edges"].as_array().into_iter().flatten();
    edges.filter_map(|edge| edge["node"]["id"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_product_and_a_new_price_are_searched_by_words_and_meaning() {
    let stack = marketplace().await;
    let shop = Shop::open(stack, 1).await;
    let client = stack.client();
    let first = |data: &Value| {
        data["searchProducts"]["mode"] == "HYBRID" && ids(data).first() == Some(&shop.product_id.as_str())
    };
    let data = client.eventually(SEARCH, json!({"query": shop.name}), PATIENCE, first).await;
    assert_eq!(data["searchProducts"]["edges"][0]["highlight"]["name"][0]["match"], true);

    let seller = json!({"sellerId": shop.seller.id});
    let meant = |data: &Value| ids(data) == [shop.product_id.as_str()];
    client.eventually(SEARCH, json!({"query": "illumination at night", "filter": seller}), PATIENCE, meant).await;

    let price = json!({"amountMinor": "777000", "currency": "VND"});
    let update = "mutation($input: UpdateSkuInput!) { updateSku(input: $input) { userErrors { code } } }";
    let changed = shop.seller.client.data(update, json!({"input": {"skuId": shop.counted_sku, "price": price}})).await;
    assert_eq!(changed["updateSku"]["userErrors"], json!([]));
    let filter = json!({"sellerId": shop.seller.id, "priceMin": price, "priceMax": price});
    client.eventually(SEARCH, json!({"query": shop.name, "filter": filter}), PATIENCE, meant).await;

    let here = json!({"sellerId": shop.seller.id, "inStock": true});
    client.eventually(SEARCH, json!({"query": shop.name, "filter": here}), PATIENCE, meant).await;

    let begins = &shop.name[..8];
    let suggest = "query($prefix: String!) { searchSuggestions(prefix: $prefix, first: 20) { text kind } }";
    let data = client.data(suggest, json!({"prefix": begins})).await;
    let texts: Vec<&Value> = data["searchSuggestions"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert!(texts.contains(&&json!(shop.name)), "{data:#}");
    stack.assert_sound().await;
}
