//! Reading `supergraph.yaml`, in the format of Rover's `supergraph compose`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::SubgraphSource;
use crate::error::{ComposeError, Problem};

/// The content of `supergraph.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The version of federation to compose with, for Rover's sake: `2`, or `=2.x.y` to pin one.
    /// This crate always composes with the version it was built with and refuses Federation 1.
    pub federation_version: serde_yaml::Value,
    /// The subgraphs by name, in alphabetical order.
    pub subgraphs: BTreeMap<String, SubgraphConfig>,
}

/// One subgraph in `supergraph.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubgraphConfig {
    /// The URL at which the router reaches the subgraph unless told otherwise at run time.
    pub routing_url: String,
    /// Where its schema comes from.
    pub schema: SchemaSource,
}

/// The source of a schema. Rover knows others (a running server, a registry); composition here
/// needs no network, so a file is the only one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaSource {
    /// The path of the SDL, relative to the directory of `supergraph.yaml`.
    pub file: PathBuf,
}

impl Config {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`ComposeError::Config`] when it is not readable, not of this format, names no subgraph,
    /// or asks for another major version of federation.
    pub fn read(path: &Path) -> Result<Self, ComposeError> {
        let invalid = |message: String| ComposeError::Config { path: path.to_owned(), message };
        let text = fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
        let config: Self = serde_yaml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        if config.subgraphs.is_empty() {
            return Err(invalid("it lists no subgraphs".to_owned()));
        }
        let version = match &config.federation_version {
            serde_yaml::Value::String(version) => version.clone(),
            serde_yaml::Value::Number(version) => version.to_string(),
            _ => String::new(),
        };
        let major = version.trim_start_matches('=').split('.').next();
        if major != Some("2") {
            return Err(invalid("federation_version must be 2 or a version of it".to_owned()));
        }
        Ok(config)
    }

    /// Reads every SDL file, relative to `base`.
    ///
    /// # Errors
    /// [`ComposeError::Invalid`] with one problem for each file that cannot be read.
    pub fn load(&self, base: &Path) -> Result<Vec<SubgraphSource>, ComposeError> {
        let mut sources = Vec::with_capacity(self.subgraphs.len());
        let mut problems = Vec::new();
        for (name, subgraph) in &self.subgraphs {
            let file = base.join(&subgraph.schema.file);
            match fs::read_to_string(&file) {
                Ok(sdl) => sources.push(SubgraphSource {
                    name: name.clone(),
                    routing_url: subgraph.routing_url.clone(),
                    file,
                    sdl,
                }),
                Err(error) => problems.push(Problem {
                    code: "SCHEMA_UNREADABLE".to_owned(),
                    message: format!("[{name}] {}: {error}", file.display()),
                    locations: Vec::new(),
                }),
            }
        }
        if problems.is_empty() { Ok(sources) } else { Err(ComposeError::Invalid { problems }) }
    }
}
