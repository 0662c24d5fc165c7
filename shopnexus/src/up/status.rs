//! The status file: where everything is, for programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use service_kit::ModuleName;

use super::UpArgs;
use super::children::{Addresses, child_of};
use super::router::RouterKind;
use crate::data_dir;
use crate::engines::Engines;
use crate::failure::{Context, Result};

/// What does not change while the marketplace runs.
#[derive(Debug)]
pub(super) struct Status {
    fixed: Map<String, Value>,
    modules: Vec<(ModuleName, String, &'static str)>,
}

impl Status {
    pub(super) fn new(addresses: &Addresses, engines: &Engines, arguments: &UpArgs) -> Self {
        let (apart, is_ours) = (arguments.apart, arguments.router == RouterKind::Hive);
        let restate = engines.restate.as_ref();
        let fixed = json!({
            "router_url": addresses.graphql_url(),
            "ws_url": is_ours.then(|| addresses.websocket_url()),
            "playground_url": is_ours.then(|| addresses.playground_url()),
            "sandbox_url": addresses.sandbox_origin(),
            "restate_ui_url": restate.map(|urls| ui_url(&urls.admin)),
            "database_url": engines.database_url,
            "redis_url": engines.redis_url,
            "restate_ingress_url": restate.map(|urls| &urls.ingress),
            "restate_admin_url": restate.map(|urls| &urls.admin),
        });
        let Value::Object(fixed) = fixed else { unreachable!("it is written as an object") };
        let modules = ModuleName::ALL.map(|module| (module, addresses.module_origin(module), child_of(module, apart)));
        Self { fixed, modules: modules.into() }
    }

    fn at(&self, pids: &BTreeMap<String, u32>) -> Value {
        let mut status = self.fixed.clone();
        let modules: Map<String, Value> = self
            .modules
            .iter()
            .map(|(module, url, child)| (module.to_string(), json!({ "url": url, "pid": pids.get(*child) })))
            .collect();
        status.insert("modules".to_owned(), Value::Object(modules));
        status.insert("pids".to_owned(), json!(pids));
        Value::Object(status)
    }
}

/// Restate's own user interface.
pub(super) fn ui_url(admin: &url::Url) -> url::Url {
    crate::http::join(admin, "ui/")
}

/// The file; it goes away with the marketplace.
#[derive(Debug)]
pub(super) struct StatusFile(PathBuf);

impl StatusFile {
    /// Removes what an earlier run left, so that the file's being there means that everything answers.
    pub(super) fn new(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).context(|| format!("{} is no path", path.display()))?;
        _ = std::fs::remove_file(&path);
        Ok(Self(path))
    }

    pub(super) fn write(&self, status: &Status, pids: &BTreeMap<String, u32>) -> Result<()> {
        data_dir::write_json(&self.0, &status.at(pids))
    }
}

impl Drop for StatusFile {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}
