//! Checkouts of one line from many buyers at once.

use std::sync::Arc;

use test_kit::Stack;

use crate::{
    bare, load,
    measure::tell,
    memory,
    shop::{self, Answer, buy},
};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many checkouts.
    #[arg(long, default_value_t = 3000)]
    count: usize,
    /// How many buyers at once.
    #[arg(long, default_value_t = 50)]
    buyers: usize,
    /// How many SKUs they spread over.
    #[arg(long, default_value_t = 50)]
    skus: usize,
    /// Tell rate and memory after each of so many equal parts, to see whether they stay.
    #[arg(long, default_value_t = 4)]
    parts: usize,
}

pub(crate) async fn run(options: &Options) {
    let stack = shop::marketplace(500).await;
    let skus = Arc::new(shop::open(&stack, options.skus, options.count + 1000).await.sku_ids);
    let buyers: Arc<Vec<_>> =
        Arc::new(shop::buyers(&stack, options.buyers).await.into_iter().map(|buyer| buyer.client).collect());
    let run = |count: usize| {
        let (skus, buyers) = (skus.clone(), buyers.clone());
        load::run(options.buyers, count, move |worker, number| {
            let (sku, buyer) = (skus[number % skus.len()].clone(), buyers[worker].clone());
            async move { buy(&buyer, &sku).await }
        })
    };
    // Connections, caches and statement plans are there before anything is counted.
    run(options.buyers * 4).await;
    tell("memory before", memory::told(&stack));
    let mut rates = Vec::new();
    for part in 1..=options.parts {
        let outcome = run(options.count / options.parts).await;
        let refused: Vec<_> = outcome.answers.iter().filter(|answer| **answer != Answer::Accepted).collect();
        assert!(refused.is_empty(), "there is enough of everything, but: {refused:?}");
        tell(&format!("part {part}: checkouts a second"), format!("{:.1}; {}", outcome.rate(), outcome.latencies));
        tell(&format!("part {part}: memory"), memory::told(&stack));
        rates.push(outcome.rate());
    }
    report_ratio(&stack, options, mean(&rates)).await;
    stack.assert_sound().await;
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / f64::from(u32::try_from(rates.len()).unwrap_or(u32::MAX))
}

async fn report_ratio(stack: &Stack, options: &Options, checkouts: f64) {
    let bare = bare::reservations(stack, options.buyers).await;
    tell("bare reservations a second (pgbench)", format!("{bare:.0}"));
    tell("bare reservations for one checkout", format!("{:.1}", bare / checkouts));
}
