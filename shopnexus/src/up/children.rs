//! The programs of ours that run below the supervisor: where they listen, what they are told, how they start.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

use service_kit::ModuleName;

use crate::data_dir::DataDir;
use crate::engines::Engines;
use crate::environment::{Variables, module_variable};
use crate::failure::{Failure, Result};
use crate::installation;
use crate::ports::Ports;
use crate::process::{Recipe, Supervisor};
use crate::secrets::Secrets;

/// The child that serves all modules, unless they are apart.
pub(super) const MODULES: &str = "modules";
/// The child that is the router.
pub(super) const ROUTER: &str = "router";
/// The router's port when nothing else is known and it is free.
const USUAL_PORT: u16 = 4000;

/// Where our own programs listen.
#[derive(Debug)]
pub(super) struct Addresses {
    router: u16,
    modules: BTreeMap<ModuleName, u16>,
}

impl Addresses {
    pub(super) fn claim(ports: &mut Ports, router: Option<u16>) -> Result<Self> {
        let router = match router {
            Some(port) => ports.insist(ROUTER, port)?,
            None => ports.claim(ROUTER, Some(USUAL_PORT))?,
        };
        let modules = ModuleName::ALL
            .into_iter()
            .map(|module| Ok((module, ports.claim(module.as_str(), None)?)))
            .collect::<Result<_>>()?;
        Ok(Self { router, modules })
    }

    fn module_address(&self, module: ModuleName) -> String {
        format!("127.0.0.1:{}", self.modules[&module])
    }

    pub(super) fn module_origin(&self, module: ModuleName) -> String {
        format!("http://{}", self.module_address(module))
    }

    pub(super) fn router_origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.router)
    }

    pub(super) fn graphql_url(&self) -> String {
        format!("{}/graphql", self.router_origin())
    }

    pub(super) fn websocket_url(&self) -> String {
        format!("ws://127.0.0.1:{}/graphql", self.router)
    }

    pub(super) fn playground_url(&self) -> String {
        format!("{}/playground", self.router_origin())
    }
}

/// Programs and files that must be there before anything is started.
#[derive(Debug)]
pub(super) struct Relatives {
    own: PathBuf,
    router: PathBuf,
    root: PathBuf,
    supergraph: PathBuf,
}

impl Relatives {
    pub(super) fn find() -> Result<Self> {
        let root = installation::root()?;
        let supergraph = root.join("router/supergraph.graphql");
        if !supergraph.is_file() {
            return Err(Failure::new(format!("{} is not there", supergraph.display()))
                .mend("`cargo xtask schema` composes it from the subgraphs' schemas"));
        }
        Ok(Self {
            own: installation::own_program()?,
            router: installation::sibling("shopnexus-router")?,
            root,
            supergraph,
        })
    }
}

/// The child that serves a module.
pub(super) fn child_of(module: ModuleName, apart: bool) -> &'static str {
    if apart { module.as_str() } else { MODULES }
}

/// What the modules are told. What the caller's environment already says about them stays as it is.
pub(super) fn variables(
    data: &DataDir,
    engines: &Engines,
    addresses: &Addresses,
    role_secret: &str,
    secrets: &mut Secrets,
) -> Result<Variables> {
    let mut variables: Variables = engines.variables().into_iter().collect();
    let mut set = |name: &str, value: String| _ = variables.insert(name.to_owned(), value);
    set("MODULE_ROLE_SECRET", role_secret.to_owned());
    for module in ModuleName::ALL {
        set(&module_variable("LISTEN", module), addresses.module_address(module));
    }
    set("JWKS_URL", format!("{}/.well-known/jwks.json", addresses.module_origin(ModuleName::Account)));
    set("PUBLIC_URL", addresses.router_origin());
    set("DATA_DIR", data.root().display().to_string());
    for (name, value) in [
        ("SHOPNEXUS_ENV", "development".to_owned()),
        ("VNPAY_TMN_CODE", "SHOPNEXU".to_owned()),
        ("VNPAY_HASH_SECRET", secrets.get("vnpay_hash_secret")?),
    ] {
        set(name, env::var(name).ok().filter(|given| !given.is_empty()).unwrap_or(value));
    }
    Ok(variables)
}

/// Starts the modules and the router. The router needs the composed schema and not the modules, so nobody waits.
pub(super) fn start(
    supervisor: &mut Supervisor,
    relatives: &Relatives,
    addresses: &Addresses,
    variables: &Variables,
    apart: bool,
) {
    let environment: Vec<(String, String)> =
        variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let serve = |name: &str, modules: &[ModuleName]| {
        let names = modules.iter().map(|module| module.as_str());
        let mut recipe = Recipe::new(name, &relatives.own).arguments(["serve"]).arguments(names);
        recipe.environment.clone_from(&environment);
        recipe.grace = Duration::from_secs(12);
        recipe
    };
    if apart {
        for module in ModuleName::ALL {
            supervisor.start(serve(module.as_str(), &[module]));
        }
    } else {
        supervisor.start(serve(MODULES, &ModuleName::ALL));
    }
    supervisor.start(router(relatives, addresses));
}

fn router(relatives: &Relatives, addresses: &Addresses) -> Recipe {
    let mut recipe = Recipe::new(ROUTER, &relatives.router);
    recipe.directory = Some(relatives.root.clone());
    let mut set = |name: &str, value: String| recipe.environment.push((name.to_owned(), value));
    set("ROUTER_HOST", "127.0.0.1".to_owned());
    set("ROUTER_PORT", addresses.router.to_string());
    set("SUPERGRAPH_FILE", relatives.supergraph.display().to_string());
    set("ROUTER_CONFIG_FILE_PATH", relatives.root.join("router/router.yaml").display().to_string());
    set("PLAYGROUND_DIR", relatives.root.join("router/playground/dist").display().to_string());
    for module in ModuleName::ALL {
        let url = format!("{}/graphql", addresses.module_origin(module));
        set(&module_variable("SUBGRAPH_URL", module), url);
    }
    recipe
}
