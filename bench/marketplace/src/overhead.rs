//! An operation through the router against the same one at the subgraph.

use std::sync::Arc;

use serde_json::json;
use test_kit::Client;

use crate::{load, measure::tell, shop};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many operations, for each measurement.
    #[arg(long, default_value_t = 2000)]
    count: usize,
    /// From how many clients at once, for each measurement.
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    clients: Vec<usize>,
}

/// One subgraph answers it alone, so that only the router's own work differs.
const QUERY: &str =
    "{ products(first: 20) { nodes { id name slug featuredSku { id price { amountMinor currency } } } } }";

pub(crate) async fn run(options: &Options) {
    let stack = shop::marketplace(500).await;
    let router = stack.client();
    let subgraph = Client::new(format!("{}/graphql", stack.module_url("catalog")), "");
    for &clients in &options.clients {
        let [through, direct] = [&router, &subgraph].map(Clone::clone);
        ask(through.clone(), clients, options.count / 10).await;
        ask(direct.clone(), clients, options.count / 10).await;
        let through = ask(through, clients, options.count).await;
        let direct = ask(direct, clients, options.count).await;
        let p50 = |outcome: &load::Outcome<()>| outcome.latencies.percentile(50).as_secs_f64();
        tell(&format!("{clients} at once, router"), format!("{:.0} a second; {}", through.rate(), through.latencies));
        tell(&format!("{clients} at once, subgraph"), format!("{:.0} a second; {}", direct.rate(), direct.latencies));
        tell(&format!("{clients} at once, p50 router / subgraph"), format!("{:.2}", p50(&through) / p50(&direct)));
    }
    stack.assert_sound().await;
}

async fn ask(client: Client, clients: usize, count: usize) -> load::Outcome<()> {
    let client = Arc::new(client);
    load::run(clients, count, move |_, _| {
        let client = client.clone();
        async move {
            let data = client.data(QUERY, json!({})).await;
            assert_eq!(data["products"]["nodes"].as_array().map(Vec::len), Some(20));
        }
    })
    .await
}
