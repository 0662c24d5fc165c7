//! Tests of the whole: of the tree, of the composed graph, and of the running marketplace through its router.
//!
//! This library holds only what they share: where things are in the checkout.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests crate lies in the checkout").to_owned()
}

/// Reads a file of the checkout.
///
/// # Panics
/// The file is not there.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The eight modules.
pub const MODULES: [&str; 8] = ["account", "analytic", "catalog", "chat", "common", "inventory", "order", "promotion"];
