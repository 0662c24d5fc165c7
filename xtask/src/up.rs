//! `cargo xtask up`.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::arguments::UpOptions;
use crate::checkout::Checkout;
use crate::command::announce;
use crate::{compile, setup, turn};

/// Sets up, builds, and becomes `shopnexus up`.
pub(crate) fn run(checkout: &Checkout, options: &UpOptions) -> Result<(), String> {
    setup::run(checkout, setup::For::Running)?;
    setup::router(checkout, options.router)?;
    let turn = turn::take(checkout)?;
    compile::binaries(checkout, options.release)?;
    drop(turn);
    announce("starting");
    let mut command = Command::new(compile::shopnexus(checkout));
    command.args(["up", "--router", options.router.name()]).current_dir(&checkout.root);
    if !options.rest.iter().any(|argument| argument.starts_with("--data-dir")) {
        command.arg("--data-dir").arg(checkout.data());
    }
    // Replaces this process, so that signals reach the supervisor and nobody stands between it and the terminal.
    let error = command.args(&options.rest).exec();
    Err(format!("{} cannot be started: {error}", compile::shopnexus(checkout).display()))
}
