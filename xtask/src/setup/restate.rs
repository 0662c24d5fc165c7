//! The Restate server: a plain binary inside a platform package of npm.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Staging, check_hash, npm};
use crate::checkout::Checkout;
use crate::command::{output, run};

/// The version that this project is developed and tested with.
pub(super) const VERSION: &str = "1.7.12";

/// Platform of the package, and the SHA-256 of its archive.
const PACKAGES: [(&str, &str, &str, &str); 4] = [
    ("linux", "x86_64", "linux-x64", "4d40ef3b28cd6d96503f2ae9f7d119b6902bead3fbeaadfd865530631959118f"),
    ("linux", "aarch64", "linux-arm64", "4c635be9c15d2617fdbea7cb46a0e6f107bfde66cbeace36825953609ea95bb8"),
    ("macos", "x86_64", "darwin-x64", "be5d4e926ca804ad14d19a0e1af9173d66837c38f97b2f4af7837de965096d9d"),
    ("macos", "aarch64", "darwin-arm64", "251b166a3f1ed2d239816c4f025540773d6cbbc72695c212a56794685706c6b5"),
];

/// Where this version is kept. `shopnexus` looks for the newest directory of this kind.
pub(super) fn directory(checkout: &Checkout) -> PathBuf {
    checkout.cache.join("tools").join(format!("restate-server-{VERSION}"))
}

/// Whether this version is there and runs.
pub(super) fn present(checkout: &Checkout) -> bool {
    let named = std::env::var_os("RESTATE_SERVER").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| directory(checkout).join("restate-server"));
    output(Command::new(binary).arg("--version").env("DO_NOT_TRACK", "1"))
        .is_ok_and(|version| version.starts_with("restate-server "))
}

/// Downloads and unpacks it.
pub(super) fn install(checkout: &Checkout) -> Result<(), String> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let Some((_, _, platform, hash)) = PACKAGES.iter().find(|package| (package.0, package.1) == (os, arch)) else {
        return Err(format!(
            "Restate publishes no server for {os} on {arch}. Run one elsewhere and set RESTATE_INGRESS_URL and \
             RESTATE_ADMIN_URL, or build it and set RESTATE_SERVER to the binary"
        ));
    };
    let kept = directory(checkout);
    let staging = Staging::new(&kept)?;
    let package = format!("@restatedev/restate-server-{platform}@{VERSION}");
    let archive = output(npm()?.args(["pack", "--silent", &package]).current_dir(&staging.path))?;
    let archive = staging.path.join(archive.trim().lines().last().unwrap_or_default());
    check_hash(&archive, hash)?;
    run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&staging.path).arg("--strip-components=1"))?;
    let problem = |error: std::io::Error| format!("{}: {error}", staging.path.display());
    fs::remove_file(&archive).map_err(problem)?;
    fs::rename(staging.path.join("bin/restate-server"), staging.path.join("restate-server")).map_err(problem)?;
    staging.publish()?;
    if present(checkout) {
        return Ok(());
    }
    Err(format!("{} does not run on this machine", kept.join("restate-server").display()))
}
