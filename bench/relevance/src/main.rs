//! How good the answers of search are, measured on judged queries.
//!
//! `shopnexus engines -- relevance` fills a database of its own with the products of a judged set, lets the index follow as
//! it does in the marketplace, asks every query in every way, and tells how near each way comes to what people judged:
//! nDCG@10, recall@50 and MRR. `README.md` beside this crate says how to read the numbers and which files a set has.

mod bm25;
mod fusions;
mod judged;
mod market;
mod measures;
mod report;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;

use judged::{Judged, Part};
use market::Market;

/// Measures how relevant the answers of search are.
#[derive(Debug, Parser)]
struct Arguments {
    /// The directory of a judged set; our own without.
    #[arg(long)]
    judged: Option<PathBuf>,
    /// Only queries of this part: `tune` to choose a fusion by, `keep` to see whether the choice holds. All without.
    #[arg(long)]
    part: Option<Part>,
    /// Compare other ways of fusing words and meaning as well, other bounds, and what popularity may count.
    #[arg(long)]
    fusions: bool,
    /// Where to write the numbers as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Tell what is found for each query for which hybrid search is worse than one of its parts.
    #[arg(long)]
    losses: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("relevance: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("judged");
    let mut judged = Judged::read(&arguments.judged.unwrap_or(own))?;
    if let Some(part) = arguments.part {
        judged.queries.retain(|query| query.part == part);
    }
    if judged.queries.is_empty() {
        return Err("there are no queries with a judgement".to_owned());
    }
    let market = Market::open(&judged.products).await?;
    let mut runs = market.ask_all(&judged).await?;
    runs.insert(0, ("BM25, plain".to_owned(), bm25::Index::of(&judged.products).ask_all(&judged)));
    let report = report::Report::of(&judged, &runs);
    report.print();
    if arguments.losses {
        report::losses(&judged, &runs);
    }
    if arguments.fusions {
        let others = fusions::compare(&market, &judged).await?;
        report::Report::of(&judged, &others).print();
        fusions::nearest(&market, &judged).await?;
    }
    match arguments.json {
        None => Ok(()),
        Some(path) => report.write(&path),
    }
}
