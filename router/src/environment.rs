//! Turns our environment variables into those that Hive Router reads.
//!
//! Most of ours stand in `router.yaml` as `from_env` placeholders. What remains is done here: the
//! default place of the configuration, paths made absolute (Hive Router resolves them from the
//! configuration's directory, a person from the working directory), and variables with names so
//! common that they must not redirect the router by accident.

use std::env;
use std::path::{Path, PathBuf};

const CONFIG: &str = "ROUTER_CONFIG_FILE_PATH";

/// Hive Router lets these override its configuration file. `HOST` and `PORT` are set in many shells
/// and hosts for something else, `APOLLO_KEY` is there for whoever also runs Apollo Router, and
/// each of the others would fetch the graph from elsewhere.
const IGNORED: [&str; 6] =
    ["HOST", "PORT", "APOLLO_KEY", "APOLLO_GRAPH_REF", "HIVE_CDN_ENDPOINT", "SUPERGRAPH_FILE_PATH"];

/// One variable and its new value, or `None` to remove it.
type Change = (&'static str, Option<String>);

/// Completes the environment of this process. Call it first in `main`.
pub(crate) fn prepare() {
    let directory = env::current_dir().unwrap_or_default();
    for (name, value) in changes(&directory, |name| env::var(name).ok()) {
        set(name, value);
    }
}

#[expect(unsafe_code, reason = "Hive Router takes the place of its configuration only from the environment")]
fn set(name: &str, value: Option<String>) {
    // SAFETY: `main` calls this before it starts any thread, so nothing reads the environment.
    unsafe {
        match value {
            Some(value) => env::set_var(name, value),
            None => env::remove_var(name),
        }
    }
}

fn changes(directory: &Path, get: impl Fn(&str) -> Option<String>) -> Vec<Change> {
    let given = |name: &str| get(name).filter(|value| !value.is_empty());
    let absolute = |path: PathBuf| directory.join(path).to_string_lossy().into_owned();

    let config = directory.join(given(CONFIG).unwrap_or_else(|| "router/router.yaml".to_owned()));
    let beside = |path: &str| config.parent().unwrap_or(directory).join(path);
    let supergraph = given("SUPERGRAPH_FILE").map_or_else(|| beside("supergraph.graphql"), PathBuf::from);
    let playground = given("PLAYGROUND_DIR").map_or_else(|| beside("playground/dist"), PathBuf::from);

    let mut changes: Vec<Change> = IGNORED.map(|name| (name, None)).to_vec();
    changes.push(("SUPERGRAPH_FILE", Some(absolute(supergraph))));
    changes.push(("PLAYGROUND_DIR", Some(absolute(playground))));
    changes.push((CONFIG, Some(absolute(config))));
    let sampling = match given("OTEL_EXPORTER_OTLP_ENDPOINT") {
        Some(_) => given("OTEL_TRACES_SAMPLER_ARG").unwrap_or_else(|| "1".to_owned()),
        None => "0".to_owned(),
    };
    changes.push(("ROUTER_TRACE_SAMPLING", Some(sampling)));
    if given("LOG_FILTER").is_none() && given("LOG_LEVEL").is_none() {
        // Otherwise every placeholder that keeps its default is worth a line at start.
        changes.push(("LOG_FILTER", Some("info,router::config=warn".to_owned())));
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn after(given: &[(&str, &str)]) -> HashMap<&'static str, Option<String>> {
        let given: HashMap<&str, &str> = given.iter().copied().collect();
        changes(Path::new("/work"), |name| given.get(name).map(|value| (*value).to_owned())).into_iter().collect()
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn everything_is_found_beside_the_configuration() {
        let plain = after(&[]);
        assert_eq!(plain[CONFIG], text("/work/router/router.yaml"));
        assert_eq!(plain["SUPERGRAPH_FILE"], text("/work/router/supergraph.graphql"));
        assert_eq!(plain["PLAYGROUND_DIR"], text("/work/router/playground/dist"));
        assert_eq!(plain["ROUTER_TRACE_SAMPLING"], text("0"));

        let moved = after(&[(CONFIG, "/etc/shopnexus/router.yaml")]);
        assert_eq!(moved["SUPERGRAPH_FILE"], text("/etc/shopnexus/supergraph.graphql"));
    }

    #[test]
    fn relative_paths_start_at_the_working_directory() {
        let given = after(&[("SUPERGRAPH_FILE", "a.graphql"), ("PLAYGROUND_DIR", "/srv/page")]);
        assert_eq!(given["SUPERGRAPH_FILE"], text("/work/a.graphql"));
        assert_eq!(given["PLAYGROUND_DIR"], text("/srv/page"));
    }

    #[test]
    fn common_names_do_not_redirect_the_router() {
        let given = after(&[("PORT", "80"), ("APOLLO_KEY", "service:x")]);
        assert_eq!(given["PORT"], None);
        assert_eq!(given["APOLLO_KEY"], None);
    }

    #[test]
    fn an_otlp_endpoint_turns_tracing_on_and_a_log_level_is_left_alone() {
        let given = after(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("LOG_LEVEL", "warn")]);
        assert_eq!(given["ROUTER_TRACE_SAMPLING"], text("1"));
        assert!(!given.contains_key("LOG_FILTER"));
    }
}
