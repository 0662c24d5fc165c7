//! Filling a marketplace with demo data when it comes up for the first time.

use std::process::Stdio;

use nix::sys::signal::Signal;
use tokio::process::Command;

use super::children::Relatives;
use crate::data_dir::{self, DataDir};
use crate::environment::Variables;
use crate::failure::{Context, Failure, Result};
use crate::process::end_with_parent;
use crate::say;

/// Written when the data are there.
const MARKER: &str = "seeded";

/// Runs `shopnexus seed`, unless an earlier run has. A process of its own: it draws pictures and hashes passwords on
/// every core, and this one must keep an eye on the others.
pub(super) async fn first_run(
    data: &DataDir,
    relatives: &Relatives,
    variables: &Variables,
    products: Option<u32>,
) -> Result<()> {
    let marker = data.path(MARKER);
    if marker.exists() {
        return Ok(());
    }
    say::step("filling the marketplace with demo data, this once");
    let mut command = Command::new(&relatives.own);
    command.arg("seed").envs(variables).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(products) = products {
        command.arg(format!("--products={products}"));
    }
    end_with_parent(&mut command, Signal::SIGTERM);
    let mut child = command.spawn().context(|| "the demo data cannot be made".to_owned())?;
    let status = child.wait().await.context(|| "the demo data cannot be waited for".to_owned())?;
    if !status.success() {
        return Err(Failure::new(format!("the demo data could not be made ({status})"))
            .mend("read what it says above; start again to go on, or with --no-seed to do without"));
    }
    data_dir::write_private(&marker, b"")?;
    say::done("the demo data are there");
    Ok(())
}
