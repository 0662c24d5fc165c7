//! Apollo Router, built once from its published crate: it is there for who wants to compare, and no part of ours.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::Staging;
use crate::checkout::Checkout;
use crate::command::{cargo, output, run};

/// The newest version that the toolchain of this project compiles.
pub(super) const VERSION: &str = "2.17.0";

/// Where this version is kept. `shopnexus` looks for the newest directory of this kind.
pub(super) fn directory(checkout: &Checkout) -> PathBuf {
    checkout.cache.join("tools").join(format!("apollo-router-{VERSION}"))
}

/// Whether this version is there and runs.
pub(super) fn present(checkout: &Checkout) -> bool {
    let named = std::env::var_os("APOLLO_ROUTER").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| directory(checkout).join("bin/router"));
    output(Command::new(binary).arg("--version")).is_ok()
}

/// Builds it, with the versions it was released with. That takes a quarter of an hour.
pub(super) fn install(checkout: &Checkout) -> Result<(), String> {
    let kept = directory(checkout);
    let staging = Staging::new(&kept)?;
    let mut install = cargo(checkout, &["install", "apollo-router", "--locked", "--version", VERSION, "--root"]);
    install.arg(&staging.path);
    // Built apart, so that nothing of it stays. Its own release profile takes twice as long for some percent of speed.
    install.env("CARGO_TARGET_DIR", staging.path.join("build"));
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(&mut install)?;
    fs::remove_dir_all(staging.path.join("build")).map_err(|error| format!("{}: {error}", staging.path.display()))?;
    staging.publish()?;
    if present(checkout) {
        return Ok(());
    }
    Err(format!("{} does not run on this machine", kept.join("bin/router").display()))
}
