//! Composes the eight subgraph schemas into the one supergraph that the router serves.
//!
//! It owns the reading of `supergraph.yaml` (Rover's format), the composition itself with
//! Apollo's own Federation 2 library, satisfiability checks included, and the wording of what is
//! wrong when the schemas do not fit. It never runs a subgraph, never uses the network and never
//! writes a file: the binary `shopnexus-compose` does the writing.
//!
//! `apollo-federation` is under the Elastic License 2.0, which is fine for a developer's tool and
//! not for what we ship. So nothing but this crate's own binary and the `tests` crate may depend
//! on it; the router knows only the composed file.

mod absence;
mod config;
mod error;

use std::path::{Path, PathBuf};

use apollo_federation::composition::{self, CompositionOptions};
use apollo_federation::subgraph::typestate::{Initial, Subgraph};
use apollo_federation::{ApiSchemaOptions, Supergraph};

pub use config::{Config, SchemaSource, SubgraphConfig};
pub use error::{ComposeError, Location, Problem};

/// What stands above the composed schema, so that nobody edits it by hand.
const HEADER: &str = "# Composed from supergraph.yaml by `shopnexus compose`. Do not edit.\n\n";

/// One subgraph as composition needs it: its name, where the router finds it, and its SDL.
#[derive(Debug, Clone)]
pub struct SubgraphSource {
    /// The name in `supergraph.yaml`, which is also the module's name.
    pub name: String,
    /// The URL of the GraphQL endpoint, written into the supergraph as the default address.
    pub routing_url: String,
    /// The file the SDL came from, used only to say where a problem is.
    pub file: PathBuf,
    /// The schema as the subgraph exports it, with federation directives.
    pub sdl: String,
}

/// Composes what `config_path` (a `supergraph.yaml`) lists and returns the whole text of
/// `router/supergraph.graphql`. The same input always gives the same text.
///
/// # Errors
/// [`ComposeError::Config`] when the configuration cannot be read or is malformed,
/// [`ComposeError::Invalid`] with every problem found when a schema is missing, is not valid on
/// its own, or does not fit the others.
pub fn compose(config_path: &Path) -> Result<String, ComposeError> {
    let config = Config::read(config_path)?;
    let base = config_path.parent().unwrap_or(Path::new("."));
    compose_sources(config.load(base)?)
}

/// Composes schemas that are already in memory, for tests of broken or reduced graphs. What one module answers inside
/// the entities of another may be null in the result, so that a module that is away costs only its own fields.
///
/// # Errors
/// [`ComposeError::Invalid`] with every problem found.
pub fn compose_sources(sources: Vec<SubgraphSource>) -> Result<String, ComposeError> {
    let subgraphs = parse_all(&sources)?;
    let supergraph = composition::compose(subgraphs, CompositionOptions::default())
        .map_err(|failure| ComposeError::from_composition(&failure.errors, &sources))?;
    Ok(format!("{HEADER}{}", absence::may_be_null(supergraph.schema().schema())))
}

/// What clients see of a composed supergraph: the same types without anything that only the router needs.
///
/// # Errors
/// The text is no supergraph; says where.
pub fn api_schema(supergraph: &str) -> Result<String, String> {
    let supergraph = Supergraph::new(supergraph).map_err(|error| error.to_string())?;
    let api = supergraph.to_api_schema(ApiSchemaOptions::default()).map_err(|error| error.to_string())?;
    Ok(format!("{HEADER}{}", api.schema()))
}

/// Parses every schema before reporting, so that one run shows the mistakes of all of them.
fn parse_all(sources: &[SubgraphSource]) -> Result<Vec<Subgraph<Initial>>, ComposeError> {
    let mut parsed = Vec::with_capacity(sources.len());
    let mut errors = Vec::new();
    for source in sources {
        match Subgraph::parse(&source.name, &source.routing_url, &source.sdl) {
            Ok(subgraph) => parsed.push(subgraph),
            Err(error) => errors.extend(error.to_composition_errors()),
        }
    }
    if errors.is_empty() { Ok(parsed) } else { Err(ComposeError::from_composition(&errors, sources)) }
}
