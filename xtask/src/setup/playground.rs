//! The playground: a page of ours that npm builds from `router/playground` into its `dist`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{hash_of, npm};
use crate::checkout::Checkout;
use crate::command::run;

/// Tells from which sources `dist` was built. Times of files say little after a change of branch.
const STAMP: &str = ".built-from";

fn directory(checkout: &Checkout) -> PathBuf {
    checkout.root.join("router/playground")
}

/// Whether `dist` is missing or built from other sources than those that are there.
pub(super) fn stale(checkout: &Checkout) -> bool {
    let directory = directory(checkout);
    directory.join("package.json").is_file()
        && fs::read_to_string(directory.join("dist").join(STAMP)).ok() != fingerprint(&directory).ok()
}

/// Builds it.
pub(super) fn install(checkout: &Checkout) -> Result<(), String> {
    let directory = directory(checkout);
    let problem = |error: std::io::Error| format!("{}: {error}", directory.display());
    let sources = fingerprint(&directory).map_err(problem)?;
    run(npm()?.args(["ci", "--no-audit", "--no-fund"]).current_dir(&directory))?;
    run(npm()?.args(["run", "build"]).current_dir(&directory))?;
    fs::write(directory.join("dist").join(STAMP), sources).map_err(problem)
}

/// One number over the names and contents of all sources.
fn fingerprint(directory: &Path) -> std::io::Result<String> {
    let mut files = Vec::new();
    collect(directory, &mut files)?;
    hash_of(directory, files)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == "node_modules" || name == "dist" || name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_not_a_source() {
        let directory = std::env::temp_dir().join(format!("xtask-playground-{}", std::process::id()));
        fs::create_dir_all(directory.join("src")).unwrap();
        fs::write(directory.join("src/main.js"), "1").unwrap();
        let first = fingerprint(&directory).unwrap();
        fs::create_dir_all(directory.join("dist")).unwrap();
        fs::write(directory.join("dist/page.js"), "built").unwrap();
        assert_eq!(fingerprint(&directory).unwrap(), first);
        fs::write(directory.join("src/main.js"), "2").unwrap();
        assert_ne!(fingerprint(&directory).unwrap(), first);
        fs::remove_dir_all(directory).unwrap();
    }
}
