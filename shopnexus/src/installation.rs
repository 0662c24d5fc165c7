//! Where the program's relatives are: the other binaries, and the files of the checkout.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// This program.
pub(crate) fn own_program() -> Result<PathBuf> {
    env::current_exe().context(|| "this program's own path is unknown".to_owned())
}

/// A binary that was built with this one and lies beside it.
pub(crate) fn sibling(name: &str) -> Result<PathBuf> {
    let own = own_program()?;
    let sibling = own.with_file_name(name);
    if sibling.is_file() {
        return Ok(sibling);
    }
    Err(Failure::new(format!("{name} is not beside {}", own.display()))
        .mend("build every binary: `cargo xtask up` does, and so does `cargo build --workspace --bins`"))
}

/// Where a marketplace is kept when nobody says otherwise: in the checkout, from any directory of it.
pub(crate) fn usual_data_dir() -> PathBuf {
    root().unwrap_or_default().join(".shopnexus")
}

/// The checkout: the nearest directory at or above the working directory, else above this program, that holds the
/// list of subgraphs.
pub(crate) fn root() -> Result<PathBuf> {
    let is_root = |directory: &&Path| directory.join("supergraph.yaml").is_file();
    let here = env::current_dir().unwrap_or_default();
    let own = own_program()?;
    here.ancestors().find(is_root).or_else(|| own.ancestors().skip(1).find(is_root)).map(Path::to_owned).ok_or_else(
        || {
            Failure::new("no supergraph.yaml here or above, nor above this program")
                .mend("run it inside a checkout of ShopNexus")
        },
    )
}
