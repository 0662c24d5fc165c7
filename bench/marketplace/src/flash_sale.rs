//! Many buyers want the few units of one SKU at the same moment.

use std::sync::Arc;

use serde_json::json;

use crate::{
    bare, load,
    measure::tell,
    shop::{self, Answer, buy},
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many units there are.
    #[arg(long, default_value_t = 500)]
    units: usize,
    /// How many attempts are made to buy one.
    #[arg(long, default_value_t = 2000)]
    attempts: usize,
    /// How many buyers at once.
    #[arg(long, default_value_t = 50)]
    buyers: usize,
}

pub(crate) async fn run(options: &Options) {
    let stack = shop::marketplace(500).await;
    let shop = shop::open(&stack, 1, options.units).await;
    let sku = shop.sku_ids[0].clone();
    let buyers: Arc<Vec<_>> =
        Arc::new(shop::buyers(&stack, options.buyers).await.into_iter().map(|buyer| buyer.client).collect());
    let outcome = {
        let (sku, buyers) = (sku.clone(), buyers.clone());
        load::run(options.buyers, options.attempts, move |worker, _| {
            let (sku, buyer) = (sku.clone(), buyers[worker].clone());
            async move { buy(&buyer, &sku).await }
        })
        .await
    };
    let sold = outcome.answers.iter().filter(|answer| **answer == Answer::Accepted).count();
    let out_of_stock = Answer::Refused(vec!["OUT_OF_STOCK".to_owned()]);
    let other: Vec<_> =
        outcome.answers.iter().filter(|answer| **answer != Answer::Accepted && **answer != out_of_stock).collect();
    assert!(other.is_empty(), "refused for another reason than the stock: {other:?}");
    let query = "query($id: ID!) { product(id: $id) { skus { stock { available } } } }";
    let product = buyers[0].data(query, json!({"id": shop.product_ids[0]})).await["product"].clone();
    let left = &product["skus"][0]["stock"]["available"];
    let left: usize = left.as_str().and_then(|text| text.parse().ok()).expect("`available` is a BigInt");

    tell("attempts a second", format!("{:.1}; {}", outcome.rate(), outcome.latencies));
    tell("sold", format!("{sold} of {}", options.units));
    tell("oversold", sold.saturating_sub(options.units));
    tell("left while buyers were refused", left);
    let bare = bare::reservations_of_one(&stack, options.buyers).await;
    tell("bare reservations of one row a second (pgbench)", format!("{bare:.0}"));
    tell("bare reservations for one attempt", format!("{:.1}", bare / outcome.rate()));
    assert_eq!(sold, options.units.min(options.attempts), "every unit is sold, and none twice");
    assert_eq!(left, options.units.saturating_sub(options.attempts), "what is not sold is left");
    stack.assert_sound().await;
}
