//! From changing a price or a name to finding it so.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_kit::Client;

use crate::{
    measure::{Latencies, tell},
    shop,
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many demo products are in the index.
    #[arg(long, default_value_t = 10_000)]
    products: u32,
    /// How many prices and how many names are changed.
    #[arg(long, default_value_t = 50)]
    changes: usize,
}

pub(crate) async fn run(options: &Options) {
    let stack = shop::marketplace(options.products).await;
    let shop = shop::open(&stack, 1, 10).await;
    let (sku_id, product_id) = (&shop.sku_ids[0], &shop.product_ids[0]);
    shop::indexed(&stack, true).await;
    let (mut prices, mut names) = (Vec::new(), Vec::new());
    for number in 0..options.changes {
        let amount = (300_000 + number).to_string();
        let price = json!({"amountMinor": amount, "currency": "VND"});
        let update = "mutation($input: UpdateSkuInput!) { updateSku(input: $input) { userErrors { code message } } }";
        shop.seller.act(update, json!({"skuId": sku_id, "price": price})).await;
        prices.push(until_found(&shop.seller, "lamp", json!({"priceMin": price, "priceMax": price}), product_id).await);

        let word = format!("zq{}", &shop::key().replace('-', "")[20..]);
        let update =
            "mutation($input: UpdateProductInput!) { updateProduct(input: $input) { userErrors { code message } } }";
        shop.seller.act(update, json!({"productId": product_id, "name": format!("Bench lamp {word}")})).await;
        names.push(until_found(&shop.seller, &word, json!({}), product_id).await);
    }
    tell("a changed price is found after", Latencies::of(prices));
    tell("a changed name is found after", Latencies::of(names));
    stack.assert_sound().await;
}

/// How long it takes from now until a search answers with the product.
async fn until_found(client: &Client, query: &str, filter: Value, product_id: &str) -> Duration {
    let search = "query($query: String!, $filter: ProductFilterInput) {
        searchProducts(query: $query, filter: $filter, first: 5) { nodes { id } } }";
    let began = Instant::now();
    loop {
        let data = client.data(search, json!({"query": query, "filter": filter})).await;
        let nodes = data["searchProducts"]["nodes"].as_array().cloned().unwrap_or_default();
        if nodes.iter().any(|node| node["id"] == product_id) {
            return began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{query} is not found after two minutes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
