//! What can be wrong with a graph, in words that name the subgraph, the type and the field.

use std::fmt;
use std::path::PathBuf;

use apollo_federation::error::CompositionError;

use crate::SubgraphSource;

/// Why there is no supergraph.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// `supergraph.yaml` itself cannot be used.
    #[error("{}: {message}", path.display())]
    Config {
        /// The file that was read.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// One or more schemas are missing, invalid, or do not fit together. All of what was found
    /// is listed, never only the first.
    #[error("the subgraphs do not compose: {} problem(s)\n{}", problems.len(), listed(problems))]
    Invalid {
        /// Every problem, in the order composition found them.
        problems: Vec<Problem>,
    },
}

/// One thing that is wrong with the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code of the Federation specification, such as `FIELD_TYPE_MISMATCH`, or
    /// `SCHEMA_UNREADABLE` for a file that cannot be read.
    pub code: String,
    /// A sentence that names the subgraphs, the type and the field.
    pub message: String,
    /// Where in the schemas it is, when composition knows.
    pub locations: Vec<Location>,
}

/// A place in one subgraph's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The subgraph's name.
    pub subgraph: String,
    /// The file of its schema.
    pub file: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
}

impl ComposeError {
    /// Translates the composition library's errors, adding the file to each place they name.
    pub(crate) fn from_composition(errors: &[CompositionError], sources: &[SubgraphSource]) -> Self {
        let problems = errors
            .iter()
            .map(|error| Problem {
                code: error.code().definition().code().to_owned(),
                message: error.to_string().trim_end().to_owned(),
                locations: error
                    .locations()
                    .iter()
                    .map(|location| Location {
                        subgraph: location.subgraph.clone(),
                        file: sources
                            .iter()
                            .find(|source| source.name == location.subgraph)
                            .map(|source| source.file.clone())
                            .unwrap_or_default(),
                        line: location.range.start.line,
                        column: location.range.start.column,
                    })
                    .collect(),
            })
            .collect();
        Self::Invalid { problems }
    }

    /// The problems of an invalid graph; none when the configuration itself was at fault.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Config { .. } => &[],
            Self::Invalid { problems } => problems,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        for location in &self.locations {
            write!(f, "\n    at {location}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subgraph, file, line, column } = self;
        write!(f, "[{subgraph}] {}:{line}:{column}", file.display())
    }
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
