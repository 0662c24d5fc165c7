//! `cargo xtask lint`.

use crate::checkout::Checkout;
use crate::command::{self, announce, cargo, succeeds};
use crate::{setup, turn};

/// Checks form: formatting, lints, documentation, and the licences of dependencies where `cargo deny` is at hand.
pub(crate) fn run(checkout: &Checkout) -> Result<(), String> {
    announce("formatting");
    command::run(&mut cargo(checkout, &["fmt", "--all", "--check"]))
        .map_err(|error| format!("{error}\n`cargo fmt` puts it right"))?;
    setup::run(checkout, setup::For::Compiling)?;
    let _turn = turn::take(checkout)?;
    announce("clippy");
    command::run(&mut cargo(checkout, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    announce("documentation");
    command::run(cargo(checkout, &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))?;
    if !checkout.root.join("deny.toml").is_file() {
        return Ok(());
    }
    if !succeeds(&mut cargo(checkout, &["deny", "--version"])) {
        announce("licences: skipped, `cargo deny` is not installed (`cargo install cargo-deny --locked`)");
        return Ok(());
    }
    announce("licences");
    // Advisories need a download of their database; these three need nothing but the lock file.
    command::run(&mut cargo(checkout, &["deny", "--offline", "check", "bans", "licenses", "sources"]))
}
