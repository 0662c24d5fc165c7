//! `shopnexus schema`.

use std::fs;
use std::path::PathBuf;

use service_kit::ModuleName;

use crate::failure::{Context, Failure, Result};
use crate::{installation, modules, say};

/// Options of `schema`.
#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Write nothing; fail when a file is not up to date.
    #[arg(long)]
    check: bool,
    /// The directory that holds one directory for each module. By default `subgraphs` of this checkout.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Writes each module's schema, or checks it.
pub(crate) fn run(arguments: &SchemaArgs) -> Result<()> {
    let directory = match &arguments.dir {
        Some(given) => given.clone(),
        None => installation::root()?.join("subgraphs"),
    };
    let mut stale = Vec::new();
    for module in ModuleName::ALL {
        let file = directory.join(module.as_str()).join("schema.graphql");
        let schema = modules::sdl(module);
        if fs::read_to_string(&file).is_ok_and(|current| current == schema) {
            continue;
        }
        stale.push(file.display().to_string());
        if !arguments.check {
            fs::write(&file, schema).context(|| format!("{} cannot be written", file.display()))?;
        }
    }
    match (stale.is_empty(), arguments.check) {
        (true, _) => say::done("every schema is up to date"),
        (false, false) => say::done(&format!("wrote {}", stale.join(", "))),
        (false, true) => {
            return Err(Failure::new(format!("stale: {}", stale.join(", ")))
                .mend("run `cargo xtask schema` and commit the result"));
        }
    }
    Ok(())
}
