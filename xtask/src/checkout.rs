//! Where things are: this checkout, the cache that all checkouts share, the directory Cargo builds into.

use std::env;
use std::path::{Path, PathBuf};

/// The directories a task works with.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// `~/.cache/shopnexus`: downloads and, by default, build artifacts.
    pub(crate) cache: PathBuf,
    /// Where Cargo builds.
    pub(crate) target: PathBuf,
}

impl Checkout {
    /// Finds the checkout that `cargo xtask` was typed in, from any sub-directory of it.
    pub(crate) fn find() -> Result<Self, String> {
        let root = root()?;
        let cache = cache()?;
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
            // Cargo reads a relative path from where it was typed, and so do we.
            Some(target) => std::path::absolute(target).map_err(|error| format!("CARGO_TARGET_DIR: {error}"))?,
            None => cache.join("target"),
        };
        Ok(Self { root, cache, target })
    }

    /// The data of this checkout: databases, logs, its own copies of the binaries.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.join(".shopnexus")
    }

    /// The binaries that belong to this checkout, whatever another one has built since.
    pub(crate) fn binaries(&self) -> PathBuf {
        self.data().join("bin")
    }
}

fn root() -> Result<PathBuf, String> {
    // Cargo sets it for a program it runs. Asked at run time, because a shared target directory may hold the xtask of
    // another checkout.
    if let Some(package) = env::var_os("CARGO_MANIFEST_DIR") {
        let package = Path::new(&package);
        if let Some(root) = package.parent().filter(|_| package.ends_with("xtask")) {
            return Ok(root.to_owned());
        }
    }
    let here = env::current_dir().map_err(|error| format!("the current directory cannot be read: {error}"))?;
    here.ancestors()
        .find(|directory| directory.join("supergraph.yaml").is_file() && directory.join("xtask").is_dir())
        .map(Path::to_owned)
        .ok_or_else(|| "this is not a checkout of ShopNexus: no supergraph.yaml here or above".to_owned())
}

fn cache() -> Result<PathBuf, String> {
    let base = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(base) => base,
        None => env::home_dir()
            .filter(|home| !home.as_os_str().is_empty())
            .ok_or("no home directory to keep downloads in: set HOME, or XDG_CACHE_HOME to a directory")?
            .join(".cache"),
    };
    Ok(base.join("shopnexus"))
}
