//! Building the workspace, and keeping this checkout's binaries apart from those of another.

use std::fs;
use std::path::{Path, PathBuf};

use crate::checkout::Checkout;
use crate::command::{announce, cargo, run};

/// The programs that a running marketplace consists of.
const BINARIES: [&str; 3] = ["shopnexus", "shopnexus-router", "shopnexus-compose"];

/// Builds every binary and puts them into `.shopnexus/bin/`.
pub(crate) fn binaries(checkout: &Checkout, release: bool) -> Result<(), String> {
    keep(&build(checkout, release)?, &checkout.binaries())
}

/// Builds every binary, and tells where they are.
///
/// Always the whole workspace: a part of it would be resolved to other features, and dependencies that take half an
/// hour to build would be built a second time.
pub(crate) fn build(checkout: &Checkout, release: bool) -> Result<PathBuf, String> {
    announce(&format!("building into {} (a first build takes a while)", checkout.target.display()));
    let mut arguments = vec!["build", "--workspace", "--bins"];
    if release {
        arguments.push("--release");
    }
    run(&mut cargo(checkout, &arguments))?;
    Ok(checkout.target.join(if release { "release" } else { "debug" }))
}

/// Where the `shopnexus` of this checkout is.
pub(crate) fn shopnexus(checkout: &Checkout) -> PathBuf {
    checkout.binaries().join("shopnexus")
}

/// Puts the binaries of `built` into `kept`. Two checkouts that share a target directory overwrite each other's
/// binaries there; a hard link keeps the file that was just built, at no cost in space.
fn keep(built: &Path, kept: &Path) -> Result<(), String> {
    let problem = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(kept).map_err(|error| problem(kept, error))?;
    for name in BINARIES {
        let (from, to, temporary) = (built.join(name), kept.join(name), kept.join(format!(".{name}.new")));
        if let Err(error) = fs::remove_file(&temporary)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(problem(&temporary, error));
        }
        // Another file system does not take hard links.
        if fs::hard_link(&from, &temporary).is_err() {
            fs::copy(&from, &temporary).map_err(|error| problem(&from, error))?;
        }
        fs::rename(&temporary, &to).map_err(|error| problem(&to, error))?;
        // When both are links to one file already, the rename does nothing and leaves its source.
        _ = fs::remove_file(&temporary);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_binary_stays_when_another_checkout_builds() {
        let directory = std::env::temp_dir().join(format!("xtask-keep-{}", std::process::id()));
        let (built, kept) = (directory.join("target"), directory.join("bin"));
        fs::create_dir_all(&built).unwrap();
        for name in BINARIES {
            fs::write(built.join(name), "first").unwrap();
        }
        keep(&built, &kept).unwrap();
        keep(&built, &kept).unwrap();
        // Cargo replaces the file rather than writing into it.
        fs::remove_file(built.join("shopnexus")).unwrap();
        fs::write(built.join("shopnexus"), "second").unwrap();
        assert_eq!(fs::read_to_string(kept.join("shopnexus")).unwrap(), "first");
        keep(&built, &kept).unwrap();
        assert_eq!(fs::read_to_string(kept.join("shopnexus")).unwrap(), "second");
        assert_eq!(fs::read_dir(&kept).unwrap().count(), BINARIES.len(), "no temporary file is left");
        fs::remove_dir_all(directory).unwrap();
    }
}
