//! Telling Restate where the durable handlers of each module are.
//!
//! Restate pins an invocation to the deployment that began it, and a deployment is an id with an address. When a
//! module comes up at another address, the deployment it had is *moved* there, so that what was in flight goes on;
//! a second deployment would leave it waiting at an address where nobody listens any more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Config, ModuleName};
use url::Url;

use crate::engines::hide_password;
use crate::failure::{Failure, Result};
use crate::http;
use crate::say;

/// By this metadata a deployment is known to be a module's, wherever it is.
const METADATA: &str = "shopnexus-module";
/// The modules and Restate may just be starting.
const PATIENCE: Duration = Duration::from_secs(60);

/// Options of `register`.
#[derive(Debug, clap::Args)]
pub(crate) struct RegisterArgs {
    /// Only these modules; by default all eight.
    modules: Vec<ModuleName>,
    /// Where a module's handlers are, as in `order=http://10.0.0.7:4107/restate`. By default where the module
    /// listens: `LISTEN_<MODULE>`.
    #[arg(long = "at", value_name = "MODULE=URL", value_parser = module_at)]
    at: Vec<(ModuleName, Url)>,
    /// Overwrite handlers that changed, though invocations of the old ones may be in flight. For development; in
    /// production a changed version gets an address of its own.
    #[arg(long)]
    force: bool,
}

fn module_at(text: &str) -> std::result::Result<(ModuleName, Url), String> {
    let (module, url) = text.split_once('=').ok_or("it has the form module=URL")?;
    Ok((
        module.parse().map_err(|error: service_kit::config::UnknownModule| error.to_string())?,
        url.parse().map_err(|error: url::ParseError| format!("{url} is not a URL: {error}"))?,
    ))
}

/// The command `register`.
pub(crate) async fn run(arguments: RegisterArgs, config: &Config) -> Result<()> {
    let modules = if arguments.modules.is_empty() { ModuleName::ALL.to_vec() } else { arguments.modules };
    let named: BTreeMap<ModuleName, Url> = arguments.at.into_iter().collect();
    for module in modules {
        let url = match named.get(&module) {
            Some(url) => url.clone(),
            None => {
                let listen = config.listen(module).map_err(|error| Failure::new(error.to_string()))?;
                handlers_at(&format!("http://{listen}"))
            }
        };
        let policy = if arguments.force { Changed::Overwrite } else { Changed::Refuse };
        let outcome = register(&config.restate_admin_url, module, &url, policy).await?;
        say::done(&format!("{module} at {url}: {outcome}"));
    }
    Ok(())
}

/// Where a module that is reached at `origin` has its durable handlers.
pub(crate) fn handlers_at(origin: &str) -> Url {
    Url::parse(&format!("{origin}/restate")).expect("a socket address makes a URL")
}

/// What to do when the handlers differ from those that are registered at the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// Take the new ones. Right where the old program is gone anyway.
    Overwrite,
    /// Leave it to a person: the old ones may still be needed.
    Refuse,
}

#[derive(Debug, Deserialize)]
struct Deployments {
    deployments: Vec<Deployment>,
}

/// A deployment, as Restate lists it.
#[derive(Debug, Deserialize)]
pub(crate) struct Deployment {
    id: String,
    /// Absent for a deployment that is not reached by HTTP.
    uri: Option<Url>,
    created_at: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

/// Names of services and their handlers.
pub(crate) type Handlers = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Deserialize)]
struct Discovered {
    services: Vec<DiscoveredService>,
}

#[derive(Debug, Deserialize)]
struct DiscoveredService {
    name: String,
    handlers: Vec<DiscoveredHandler>,
}

#[derive(Debug, Deserialize)]
struct DiscoveredHandler {
    name: String,
}

impl Discovered {
    fn handlers(self) -> Handlers {
        let names = |handlers: Vec<DiscoveredHandler>| handlers.into_iter().map(|handler| handler.name).collect();
        self.services.into_iter().map(|service| (service.name, names(service.handlers))).collect()
    }
}

/// Registers one module, again and again until Restate and the module both answer. Doing it twice changes nothing.
pub(crate) async fn register(admin: &Url, module: ModuleName, uri: &Url, changed: Changed) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt(admin, module, uri, changed).await {
            Ok(outcome) => return Ok(outcome),
            Err(failure) if failure.how_to_mend().is_some() => return Err(failure),
            Err(failure) if Instant::now() > deadline => {
                return Err(Failure::new(format!(
                    "the durable handlers of {module} cannot be registered with Restate at {}: {}",
                    hide_password(admin),
                    failure.what()
                ))
                .mend(format!("check that {module} serves at {uri} and that Restate can reach it there")));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn attempt(admin: &Url, module: ModuleName, uri: &Url, changed: Changed) -> Result<String> {
    let Some(existing) = newest_of(admin, module).await? else {
        let metadata = json!({ METADATA: module.as_str() });
        let body = json!({ "uri": uri, "force": true, "metadata": metadata });
        let discovered: Discovered = http::post_json(&http::join(admin, "deployments"), &body).await?;
        return Ok(format!("registered {}", shown(&discovered.handlers())));
    };
    let moved = existing.uri.as_ref().is_none_or(|old| !same_address(old, uri));
    let (registered, now) = (registered_handlers(admin, &existing.id).await?, discover(admin, uri).await?);
    if registered == now && !moved {
        return Ok(format!("unchanged, {}", shown(&now)));
    }
    if registered != now && changed == Changed::Refuse {
        return Err(Failure::new(format!(
            "the handlers of {module} at {uri} are not those that Restate has registered: {}",
            difference(&registered, &now)
        ))
        .mend(
            "serve the new version at another address beside the old one and register that with --at, so that \
             invocations in flight end where they began; or, in development, use --force",
        ));
    }
    let body = json!({ "uri": uri, "overwrite": registered != now });
    let _: Value = http::patch_json(&http::join(admin, &format!("deployments/{}", existing.id)), &body).await?;
    Ok(match (moved, registered == now) {
        (true, true) => format!("moved, {}", shown(&now)),
        (moved, _) => format!("{}changed: {}", if moved { "moved, " } else { "" }, difference(&registered, &now)),
    })
}

/// The deployment of the module that was registered last.
pub(crate) async fn newest_of(admin: &Url, module: ModuleName) -> Result<Option<Deployment>> {
    let all: Deployments = http::get_json(&http::join(admin, "deployments")).await?;
    let ours = all
        .deployments
        .into_iter()
        .filter(|deployment| deployment.metadata.get(METADATA).is_some_and(|name| name == module.as_str()));
    Ok(ours.max_by(|a, b| a.created_at.cmp(&b.created_at)))
}

impl Deployment {
    /// Whether it is reached at this address.
    pub(crate) fn is_at(&self, uri: &Url) -> bool {
        self.uri.as_ref().is_some_and(|own| same_address(own, uri))
    }

    /// The handlers that Restate knows of.
    pub(crate) async fn handlers(&self, admin: &Url) -> Result<Handlers> {
        registered_handlers(admin, &self.id).await
    }
}

async fn registered_handlers(admin: &Url, id: &str) -> Result<Handlers> {
    let deployment: Discovered = http::get_json(&http::join(admin, &format!("deployments/{id}"))).await?;
    Ok(deployment.handlers())
}

/// The handlers that a module has, by letting Restate ask it without keeping the answer.
pub(crate) async fn discover(admin: &Url, uri: &Url) -> Result<Handlers> {
    let body = json!({ "uri": uri, "force": true, "dry_run": true });
    let discovered: Discovered = http::post_json(&http::join(admin, "deployments"), &body).await?;
    Ok(discovered.handlers())
}

/// Restate puts a slash at the end of some addresses.
fn same_address(one: &Url, other: &Url) -> bool {
    one.as_str().trim_end_matches('/') == other.as_str().trim_end_matches('/')
}

fn shown(handlers: &Handlers) -> String {
    let handler_count: usize = handlers.values().map(BTreeSet::len).sum();
    match handlers.len() {
        0 => "no durable services".to_owned(),
        1 => format!("1 service, {handler_count} handlers"),
        services => format!("{services} services, {handler_count} handlers"),
    }
}

/// What came and what went, as `+Order.cancel -Order.abort`.
pub(crate) fn difference(old: &Handlers, new: &Handlers) -> String {
    let flat = |handlers: &Handlers| -> BTreeSet<String> {
        handlers.iter().flat_map(|(s, names)| names.iter().map(move |name| format!("{s}.{name}"))).collect()
    };
    let (old, new) = (flat(old), flat(new));
    let came = new.difference(&old).map(|name| format!("+{name}"));
    let went = old.difference(&new).map(|name| format!("-{name}"));
    came.chain(went).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handlers(list: &[(&str, &[&str])]) -> Handlers {
        list.iter().map(|(s, names)| ((*s).to_owned(), names.iter().map(|n| (*n).to_owned()).collect())).collect()
    }

    #[test]
    fn a_difference_names_what_came_and_what_went() {
        let old = handlers(&[("Order", &["confirm", "abort"])]);
        let new = handlers(&[("Order", &["confirm", "cancel"]), ("Refund", &["request"])]);
        assert_eq!(difference(&old, &new), "+Order.cancel +Refund.request -Order.abort");
        assert_eq!(difference(&old, &old), "");
        assert_eq!(shown(&new), "2 services, 3 handlers");
    }

    #[test]
    fn an_address_is_given_by_module() {
        assert_eq!(module_at("order=http://h:1/restate").unwrap().0, ModuleName::Order);
        assert!(module_at("orders=http://h:1/").unwrap_err().contains("orders"));
        assert!(module_at("order").is_err());
    }
}
