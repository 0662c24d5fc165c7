//! `shopnexus-compose`: writes `router/supergraph.graphql`, or checks that it is up to date.
//!
//! A binary of its own, which `shopnexus compose` spawns, because the composition library's
//! licence does not allow it inside the shipped one.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Compose the subgraphs' schemas into the supergraph that the router serves.
#[derive(Debug, Parser)]
#[command(name = "shopnexus-compose", version)]
struct Arguments {
    /// The list of subgraphs.
    #[arg(long, default_value = "supergraph.yaml")]
    config: PathBuf,
    /// The composed schema. By default router/supergraph.graphql beside the configuration.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Write nothing; fail when the composed schema is not up to date.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    let output =
        arguments.output.clone().unwrap_or_else(|| arguments.config.with_file_name("router/supergraph.graphql"));
    let composed = composer::compose(&arguments.config).map_err(|error| error.to_string())?;
    let current = fs::read_to_string(&output).unwrap_or_default();
    let shown = output.display();
    if current == composed {
        return Ok(format!("{shown} is up to date"));
    }
    if arguments.check {
        return Err(format!("{shown} is stale: run `shopnexus compose` and commit the result"));
    }
    fs::write(&output, composed).map_err(|error| format!("{shown}: {error}"))?;
    Ok(format!("wrote {shown}"))
}
