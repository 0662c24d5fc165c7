//! `shopnexus compose`.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::installation;

/// Options of `compose`.
#[derive(Debug, clap::Args)]
pub(crate) struct ComposeArgs {
    /// Write nothing; fail when the composed schema is not up to date.
    #[arg(long)]
    check: bool,
    /// The list of subgraphs. By default supergraph.yaml of this checkout.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where to write the composed schema. By default router/supergraph.graphql beside the list.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Becomes `shopnexus-compose`: the composition library's licence keeps it out of this program.
pub(crate) fn run(arguments: &ComposeArgs) -> Result<ExitCode> {
    let program = installation::sibling("shopnexus-compose")?;
    let config = match &arguments.config {
        Some(given) => given.clone(),
        None => installation::root()?.join("supergraph.yaml"),
    };
    let mut command = Command::new(&program);
    command.arg("--config").arg(config);
    if let Some(output) = &arguments.output {
        command.arg("--output").arg(output);
    }
    if arguments.check {
        command.arg("--check");
    }
    Err(Failure::new(format!("{} cannot be started: {}", program.display(), command.exec())))
}
