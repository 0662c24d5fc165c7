//! The npm packages of `clients/`: clients that nobody here wrote, and what the API's reference and its TypeScript client
//! are made with.

use std::fs;
use std::path::{Path, PathBuf};

use super::{hash_of, npm};
use crate::checkout::Checkout;
use crate::command::run;

/// How it is announced.
pub(super) const WHAT: &str = "the packages of clients/ (npm ci, 130 MB)";

/// Tells from which lists `node_modules` was installed.
const STAMP: &str = "node_modules/.installed-from";

/// What says which packages there are.
const LISTS: [&str; 3] = ["package.json", "package-lock.json", "typescript/package.json"];

fn directory(checkout: &Checkout) -> PathBuf {
    checkout.root.join("clients")
}

/// Whether the packages are missing or are those of other lists.
pub(super) fn stale(checkout: &Checkout) -> bool {
    let directory = directory(checkout);
    fs::read_to_string(directory.join(STAMP)).ok() != lists(&directory).ok()
}

/// Installs them.
pub(super) fn install(checkout: &Checkout) -> Result<(), String> {
    let directory = directory(checkout);
    let problem = |error: std::io::Error| format!("{}: {error}", directory.display());
    let lists = lists(&directory).map_err(problem)?;
    run(npm()?.args(["ci", "--no-audit", "--no-fund"]).current_dir(&directory))?;
    fs::write(directory.join(STAMP), lists).map_err(problem)
}

fn lists(directory: &Path) -> std::io::Result<String> {
    hash_of(directory, LISTS.iter().map(|list| directory.join(list)).collect())
}
