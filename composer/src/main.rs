//! `shopnexus-compose`: writes `router/supergraph.graphql` and beside it `schema.graphql`, which is what clients see of it;
//! or checks that they are up to date.
//!
//! A binary of its own, which `shopnexus compose` spawns, because the composition library's
//! licence does not allow it inside the shipped one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Compose the subgraphs' schemas into the supergraph that the router serves.
#[derive(Debug, Parser)]
#[command(name = "shopnexus-compose", version)]
struct Arguments {
    /// The list of subgraphs.
    #[arg(long, default_value = "supergraph.yaml")]
    config: PathBuf,
    /// The composed schema. By default router/supergraph.graphql beside the configuration. What clients see of it
    /// is written beside it as schema.graphql.
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
    let api = composer::api_schema(&composed)?;
    let written = [(output.with_file_name("schema.graphql"), api), (output, composed)];
    let messages = written.iter().map(|(file, text)| keep(file, text, arguments.check));
    Ok(messages.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// Writes the file, or checks that it holds the text.
fn keep(file: &Path, text: &str, check: bool) -> Result<String, String> {
    let shown = file.display();
    if fs::read_to_string(file).unwrap_or_default() == text {
        return Ok(format!("{shown} is up to date"));
    }
    if check {
        return Err(format!("{shown} is stale: run `shopnexus compose` and commit the result"));
    }
    fs::write(file, text).map_err(|error| format!("{shown}: {error}"))?;
    Ok(format!("wrote {shown}"))
}
