//! `cargo xtask schema`.

use std::process::Command;

use crate::arguments::SchemaOptions;
use crate::checkout::Checkout;
use crate::command::{self, announce};
use crate::{compile, setup, turn};

/// Writes each subgraph's schema, then the supergraph composed of them and the reference in `docs/api/`; or checks that all are up to date.
pub(crate) fn run(checkout: &Checkout, options: &SchemaOptions) -> Result<(), String> {
    setup::run(checkout, setup::For::Compiling)?;
    let _turn = turn::take(checkout)?;
    compile::binaries(checkout, false)?;
    for task in ["schema", "compose"] {
        announce(if task == "schema" { "schemas of the subgraphs" } else { "supergraph" });
        let mut step = Command::new(compile::shopnexus(checkout));
        step.arg(task).current_dir(&checkout.root);
        if options.check {
            step.arg("--check");
        }
        command::run(&mut step)?;
    }
    setup::clients(checkout)?;
    announce("reference of the API");
    let mut step = Command::new("node");
    step.arg("clients/reference/write.mjs").current_dir(&checkout.root);
    if options.check {
        step.arg("--check");
    }
    command::run(&mut step)
}
