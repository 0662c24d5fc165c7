//! What must be installed, whether or not anything runs.

use std::env;

use super::Report;
use crate::data_dir::DataDir;
use crate::engines::{Found, cache_dir, postgres_binaries, redis_server, restate_server};
use crate::environment::Where;
use crate::failure::{Failure, Result};
use crate::installation;

pub(super) fn examine(report: &mut Report, place: &Where) {
    let own_engine = |variable: &str| env::var_os(variable).is_none_or(|value| value.is_empty());
    if own_engine("DATABASE_URL") {
        report.check("PostgreSQL", postgres_binaries(None).map(shown));
    }
    if own_engine("REDIS_URL") {
        report.check("Redis", redis_server().map(shown));
    }
    if own_engine("RESTATE_ADMIN_URL") {
        report.check("Restate", restate_server().map(shown));
    }
    for program in ["shopnexus-router", "shopnexus-compose"] {
        report.check(program, installation::sibling(program).map(|path| path.display().to_string()));
    }
    report.check("supergraph", supergraph());
    report.check("playground", playground());
    report.check("embedding weights", weights());
    if place.data_dir.exists() {
        report.check("data directory", DataDir::open(&place.data_dir).map(|data| data.root().display().to_string()));
    }
}

fn shown(found: Found) -> String {
    format!("{} ({})", found.version, found.path.display())
}

fn supergraph() -> Result<String> {
    let file = installation::root()?.join("router/supergraph.graphql");
    if file.is_file() {
        return Ok(file.display().to_string());
    }
    Err(Failure::new(format!("{} is not there", file.display())).mend("`cargo xtask schema` composes it"))
}

fn playground() -> Result<String> {
    let page = installation::root()?.join("router/playground/dist/index.html");
    if page.is_file() {
        return Ok(page.display().to_string());
    }
    Err(Failure::new(format!("{} is not built", page.display())).mend("`cargo xtask setup` builds it"))
}

fn weights() -> Result<String> {
    let directory = cache_dir().map(|cache| cache.join("models/all-MiniLM-L6-v2"));
    match directory {
        Some(directory) if directory.join("model.safetensors").is_file() => Ok(directory.display().to_string()),
        _ => Err(Failure::new("not there, so search is by text alone").mend("`cargo xtask setup` downloads them")),
    }
}
