//! `cargo xtask bench`.

use std::process::Command;

use crate::checkout::Checkout;
use crate::{command, compile, setup, turn};

/// Sets up, builds with optimisation, and measures against engines that live as long as the measurement.
pub(crate) fn run(checkout: &Checkout, arguments: &[String]) -> Result<(), String> {
    setup::run(checkout, setup::For::Running)?;
    let _turn = turn::take(checkout)?;
    let built = compile::build(checkout, true)?;
    let mut command = Command::new(built.join("shopnexus"));
    command.args(["engines", "--durable", "--"]).arg(built.join("shopnexus-bench")).args(arguments);
    command::run(command.current_dir(&checkout.root))
}
