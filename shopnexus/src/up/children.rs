//! The programs of ours that run below the supervisor: where they listen, what they are told, how they start.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

use service_kit::ModuleName;

use super::router::{Router, RouterKind};
use crate::data_dir::DataDir;
use crate::engines::Engines;
use crate::environment::{Variables, module_variable};
use crate::failure::Result;
use crate::installation;
use crate::ports::Ports;
use crate::process::{Recipe, Supervisor};
use crate::secrets::Secrets;

/// The child that serves all modules, unless they are apart.
pub(super) const MODULES: &str = "modules";
/// The child that is the router.
pub(super) const ROUTER: &str = "router";
/// The child that plays the payment provider.
const SANDBOX: &str = "sandbox";
/// The router's port when nothing else is known and it is free.
const USUAL_PORT: u16 = 4000;

/// Where our own programs listen.
#[derive(Debug)]
pub(super) struct Addresses {
    router: u16,
    modules: BTreeMap<ModuleName, u16>,
    /// None when the environment names a payment provider.
    sandbox: Option<u16>,
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
        let own_provider = given("VNPAY_PAY_URL").is_some() || given("SHOPNEXUS_ENV").as_deref() == Some("production");
        let sandbox = if own_provider { None } else { Some(ports.claim(SANDBOX, None)?) };
        Ok(Self { router, modules, sandbox })
    }

    /// Where the payment provider of this marketplace is, when it is a private one.
    pub(super) fn sandbox_origin(&self) -> Option<String> {
        self.sandbox.map(|port| format!("http://127.0.0.1:{port}"))
    }

    fn module_address(&self, module: ModuleName) -> String {
        format!("127.0.0.1:{}", self.modules[&module])
    }

    pub(super) fn module_origin(&self, module: ModuleName) -> String {
        format!("http://{}", self.module_address(module))
    }

    pub(super) fn router_port(&self) -> u16 {
        self.router
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

/// The programs that must be there before anything is started.
#[derive(Debug)]
pub(super) struct Relatives {
    pub(super) own: PathBuf,
    pub(super) router: Router,
}

impl Relatives {
    pub(super) fn find(router: RouterKind) -> Result<Self> {
        Ok(Self { own: installation::own_program()?, router: Router::find(router)? })
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
    set("SHOPNEXUS_ENV", given("SHOPNEXUS_ENV").unwrap_or_else(|| "development".to_owned()));
    if let Some(sandbox) = addresses.sandbox_origin() {
        let order = addresses.module_origin(ModuleName::Order);
        set("VNPAY_PAY_URL", format!("{sandbox}/paymentv2/vpcpay.html"));
        set("VNPAY_API_URL", format!("{sandbox}/merchant_webapi/api/transaction"));
        set("SANDBOX_IPN_URL", format!("{order}/webhooks/vnpay/ipn"));
        for (name, value) in [
            ("VNPAY_TMN_CODE", "SHOPNEXU".to_owned()),
            ("VNPAY_HASH_SECRET", secrets.get("vnpay_hash_secret")?),
            ("VNPAY_RETURN_URL", format!("{order}/webhooks/vnpay/return")),
        ] {
            set(name, given(name).unwrap_or(value));
        }
        if given("GHTK_URL").is_none() {
            set("GHTK_URL", format!("{sandbox}/"));
            set("SANDBOX_GHTK_WEBHOOK_URL", format!("{order}/webhooks/ghtk"));
            for (name, value) in [
                ("GHTK_TOKEN", secrets.get("ghtk_token")?),
                ("GHTK_PARTNER_CODE", "S1".to_owned()),
                ("GHTK_WEBHOOK_SECRET", secrets.get("ghtk_webhook_secret")?),
            ] {
                set(name, given(name).unwrap_or(value));
            }
        }
    }
    Ok(variables)
}

pub(super) fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Starts the modules, the router and the payment provider. The router needs the composed schema and not the modules, so nobody waits.
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
    if let Some(port) = addresses.sandbox {
        let mut recipe = Recipe::new(SANDBOX, &relatives.own).arguments(["sandbox".to_owned()]);
        recipe = recipe.arguments([format!("--listen=127.0.0.1:{port}")]);
        recipe.environment.clone_from(&environment);
        supervisor.start(recipe);
    }
    supervisor.start(relatives.router.recipe(addresses, variables));
}
