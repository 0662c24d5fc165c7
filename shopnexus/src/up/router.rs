//! The router: which one serves the graph, where its program is, and what it is told.

use std::path::PathBuf;

use service_kit::ModuleName;

use super::children::{Addresses, ROUTER, given};
use crate::engines::apollo_router;
use crate::environment::{Variables, module_variable};
use crate::failure::{Failure, Result};
use crate::installation;
use crate::process::Recipe;

/// Which router serves the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RouterKind {
    /// Ours: Hive Router with subscriptions, limits and the playground.
    Hive,
    /// Apollo Router: queries and mutations; subscriptions with APOLLO_KEY and APOLLO_GRAPH_REF.
    Apollo,
}

/// A router that can be started.
#[derive(Debug)]
pub(super) struct Router {
    kind: RouterKind,
    program: PathBuf,
    root: PathBuf,
    supergraph: PathBuf,
}

impl Router {
    pub(super) fn find(kind: RouterKind) -> Result<Self> {
        let root = installation::root()?;
        let supergraph = root.join("router/supergraph.graphql");
        if !supergraph.is_file() {
            return Err(Failure::new(format!("{} is not there", supergraph.display()))
                .mend("`cargo xtask schema` composes it from the subgraphs' schemas"));
        }
        let program = match kind {
            RouterKind::Hive => installation::sibling("shopnexus-router")?,
            RouterKind::Apollo => apollo_router()?.path,
        };
        Ok(Self { kind, program, root, supergraph })
    }

    /// How it is started in front of the modules.
    pub(super) fn recipe(&self, addresses: &Addresses, variables: &Variables) -> Recipe {
        let mut recipe = Recipe::new(ROUTER, &self.program);
        recipe.directory = Some(self.root.clone());
        let mut set = |name: &str, value: String| recipe.environment.push((name.to_owned(), value));
        set("ROUTER_HOST", "127.0.0.1".to_owned());
        set("ROUTER_PORT", addresses.router_port().to_string());
        for module in ModuleName::ALL {
            let url = format!("{}/graphql", addresses.module_origin(module));
            set(&module_variable("SUBGRAPH_URL", module), url);
        }
        match self.kind {
            RouterKind::Hive => self.tell_hive(variables, set),
            RouterKind::Apollo => self.tell_apollo(set),
        }
        recipe
    }

    fn tell_hive(&self, variables: &Variables, mut set: impl FnMut(&str, String)) {
        set("SUPERGRAPH_FILE", self.supergraph.display().to_string());
        set("ROUTER_CONFIG_FILE_PATH", self.root.join("router/router.yaml").display().to_string());
        set("PLAYGROUND_DIR", self.root.join("router/playground/dist").display().to_string());
        // Its limits are counted in Redis and by viewer, and production has others. It is given nothing else: no database.
        for name in ["REDIS_URL", "JWKS_URL", "SHOPNEXUS_ENV"] {
            if let Some(value) = variables.get(name) {
                set(name, value.clone());
            }
        }
    }

    fn tell_apollo(&self, mut set: impl FnMut(&str, String)) {
        let directory = self.root.join("router/apollo");
        set("APOLLO_ROUTER_SUPERGRAPH_PATH", self.supergraph.display().to_string());
        set("APOLLO_ROUTER_CONFIG_PATH", directory.join("router.yaml").display().to_string());
        set("APOLLO_SCRIPTS", directory.display().to_string());
        set("APOLLO_TELEMETRY_DISABLED", "true".to_owned());
        // It stops at its start when it is asked for what its licence does not cover.
        let is_licensed = given("APOLLO_KEY").is_some() && given("APOLLO_GRAPH_REF").is_some();
        set("APOLLO_SUBSCRIPTIONS", is_licensed.to_string());
    }
}
