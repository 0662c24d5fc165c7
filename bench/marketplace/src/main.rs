//! What the marketplace can bear, measured through its router. `cargo xtask bench` builds it with optimisation and
//! starts the engines; `docs/benchmarks.md` says how to read what is printed.
//!
//! Nothing here asserts a time. What must hold at any speed, such as that nothing is oversold, is asserted, and ends the
//! run with a failure.

mod bare;
mod browse;
mod checkout;
mod flash_sale;
mod freshness;
mod live;
mod load;
mod measure;
mod memory;
mod overhead;
mod shop;

use clap::{Parser, Subcommand};

/// Measures the marketplace through its router.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Checkouts of one line from many buyers at once, against the bare reservations in SQL.
    Checkout(checkout::Options),
    /// Many buyers want the few units of one SKU at the same moment.
    FlashSale(flash_sale::Options),
    /// From sending a message to its arrival at every subscriber.
    Live(live::Options),
    /// Cards, a product page and searches, against the same rows by one SQL statement.
    Browse(browse::Options),
    /// From changing a price or a name to finding it so.
    Freshness(freshness::Options),
    /// An operation through the router against the same one at the subgraph.
    Overhead(overhead::Options),
}

#[tokio::main]
async fn main() {
    match Arguments::parse().what {
        What::Checkout(options) => checkout::run(&options).await,
        What::FlashSale(options) => flash_sale::run(&options).await,
        What::Live(options) => live::run(&options).await,
        What::Browse(options) => browse::run(&options).await,
        What::Freshness(options) => freshness::run(&options).await,
        What::Overhead(options) => overhead::run(&options).await,
    }
}
