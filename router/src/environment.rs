//! Turns our environment variables into those that Hive Router reads.
//!
//! Most of ours stand in `router.yaml` as `from_env` placeholders. What remains is done here: the
//! default place of the configuration, paths made absolute (Hive Router resolves them from the
//! configuration's directory, a person from the working directory), variables with names so
//! common that they must not redirect the router by accident, the stricter defaults of production, and the parts of the
//! configuration that are there or not as a whole: TLS and persisted documents.

use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::json;

const CONFIG: &str = "ROUTER_CONFIG_FILE_PATH";

/// Hive Router lets these override its configuration file. `HOST` and `PORT` are set in many shells
/// and hosts for something else, `APOLLO_KEY` is there for whoever also runs Apollo Router, and
/// each of the others would fetch the graph from elsewhere.
const IGNORED: [&str; 6] =
    ["HOST", "PORT", "APOLLO_KEY", "APOLLO_GRAPH_REF", "HIVE_CDN_ENDPOINT", "SUPERGRAPH_FILE_PATH"];

/// What is meant for development is generous, so that no test and no demonstration meets a limit. With
/// `SHOPNEXUS_ENV=production` these take the place of those defaults; docs/operating/edge.md has the table.
const PRODUCTION: [(&str, &str); 13] = [
    ("ROUTER_INTROSPECTION", "admins"),
    ("ROUTER_LIMIT_ADDRESS", "1200/1m"),
    ("ROUTER_LIMIT_VIEWER", "600/1m"),
    ("ROUTER_LIMIT_MUTATIONS", "120/1m"),
    ("ROUTER_LIMIT_SUBSCRIPTIONS", "60/1m"),
    ("ROUTER_LIMIT_LOG_IN", "20/1m"),
    ("ROUTER_LIMIT_CHECKOUT", "20/1m"),
    ("ROUTER_LIMIT_MESSAGES", "60/1m"),
    ("ROUTER_LIMIT_UPLOADS", "60/1m"),
    ("ROUTER_COST_LIMIT", "10000"),
    ("ROUTER_COST_BUDGET", "200000/1m"),
    ("ROUTER_SUBGRAPH_TIMEOUT", "10s"),
    ("ROUTER_CORS_ANY_ORIGIN", "false"),
];

/// One variable and its new value, or `None` to remove it.
type Change = (&'static str, Option<String>);

/// Completes the environment of this process. Call it first in `main`.
///
/// # Errors
/// TLS or persisted documents are asked for and cannot be configured.
pub(crate) fn prepare() -> Result<(), String> {
    let directory = env::current_dir().unwrap_or_default();
    for (name, value) in changes(&directory, |name| env::var(name).ok()) {
        set(name, value);
    }
    let parts = Parts::of(&directory, |name| env::var(name).ok())?;
    if parts.tls.is_some() || parts.documents.is_some() {
        let config = env::var(CONFIG).unwrap_or_default();
        let completed = fs::read_to_string(&config)
            .map_err(|error| error.to_string())
            .and_then(|text| parts.added_to(&text))
            .and_then(|text| written(&text).map_err(|error| error.to_string()))
            .map_err(|error| format!("{config} cannot be completed: {error}"))?;
        set(CONFIG, Some(completed.to_string_lossy().into_owned()));
    }
    Ok(())
}

/// The parts of the configuration that are there only when their variables are.
#[derive(Debug, Default)]
struct Parts {
    /// The files of the certificate and of its key.
    tls: Option<(PathBuf, PathBuf)>,
    /// The manifest of persisted documents, and whether nothing else is served.
    documents: Option<(PathBuf, bool)>,
}

impl Parts {
    fn of(directory: &Path, get: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let given = |name: &str| get(name).filter(|value| !value.is_empty());
        let file = |name: &str| given(name).map(|path| directory.join(path));
        let tls = match (file("ROUTER_TLS_CERT_FILE"), file("ROUTER_TLS_KEY_FILE")) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err("ROUTER_TLS_CERT_FILE and ROUTER_TLS_KEY_FILE belong together".to_owned()),
        };
        let only = match given("ROUTER_SAFELIST").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => return Err(format!("ROUTER_SAFELIST: `{other}` is neither true nor false")),
        };
        match (file("ROUTER_PERSISTED_DOCUMENTS"), only) {
            (None, true) => Err("ROUTER_SAFELIST needs the manifest that ROUTER_PERSISTED_DOCUMENTS names".to_owned()),
            (documents, only) => Ok(Self { tls, documents: documents.map(|documents| (documents, only)) }),
        }
    }

    fn added_to(&self, config: &str) -> Result<String, String> {
        let mut config: serde_yaml::Value = serde_yaml::from_str(config).map_err(|error| error.to_string())?;
        let section = |text: serde_json::Value| serde_yaml::to_value(text).map_err(|error| error.to_string());
        if let Some((certificate, key)) = &self.tls {
            let router = config
                .get_mut("traffic_shaping")
                .and_then(|shaping| shaping.get_mut("router"))
                .and_then(serde_yaml::Value::as_mapping_mut)
                .ok_or("it has no traffic_shaping.router")?;
            router.insert("tls".into(), section(json!({ "cert_file": certificate, "key_file": key }))?);
        }
        if let Some((manifest, only)) = &self.documents {
            // By our own name and by that of Apollo's clients, and in the URL, so that a query can be a GET.
            let selectors = json!([
                { "type": "json_path", "path": "documentId" },
                { "type": "json_path", "path": "extensions.persistedQuery.sha256Hash" },
                { "type": "url_query_param", "name": "documentId" },
            ]);
            let storage = json!({ "type": "file", "path": manifest, "watch": true });
            let documents = json!({ "enabled": true, "require_id": only, "storage": storage, "selectors": selectors });
            let config = config.as_mapping_mut().ok_or("it is no mapping")?;
            config.insert("persisted_documents".into(), section(documents)?);
        }
        serde_yaml::to_string(&config).map_err(|error| error.to_string())
    }
}

/// A file of its own for what Hive Router reads once, at its start. It holds paths and no secrets.
fn written(config: &str) -> std::io::Result<PathBuf> {
    let file = tempfile::Builder::new().prefix("shopnexus-router-").suffix(".yaml").tempfile()?;
    fs::write(file.path(), config)?;
    Ok(file.keep().map_err(|error| error.error)?.1)
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
    if let Some(manifest) = given("ROUTER_RECORD_DOCUMENTS") {
        changes.push(("ROUTER_RECORD_DOCUMENTS", Some(absolute(PathBuf::from(manifest)))));
    }
    if given("ROUTER_CORS_ORIGINS").is_some() {
        changes.push(("ROUTER_CORS_ANY_ORIGIN", Some("false".to_owned())));
    }
    if given("SHOPNEXUS_ENV").as_deref() == Some("production") {
        let left_out = PRODUCTION.into_iter().filter(|(name, _)| given(name).is_none());
        changes.extend(left_out.map(|(name, value)| (name, Some(value.to_owned()))));
    }
    if given("JWKS_URL").is_none() {
        let account = given("SUBGRAPH_URL_ACCOUNT").unwrap_or_else(|| "http://127.0.0.1:4101/graphql".to_owned());
        let origin = account.strip_suffix("/graphql").unwrap_or(&account);
        changes.push(("JWKS_URL", Some(format!("{origin}/.well-known/jwks.json"))));
    }
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
    fn production_is_stricter_where_nothing_is_said() {
        let given = after(&[("SHOPNEXUS_ENV", "production"), ("ROUTER_LIMIT_LOG_IN", "5/1m")]);
        assert_eq!(given["ROUTER_INTROSPECTION"], text("admins"));
        assert_eq!(given["ROUTER_CORS_ANY_ORIGIN"], text("false"));
        assert!(!given.contains_key("ROUTER_LIMIT_LOG_IN"), "what is said stays");
        assert!(!after(&[]).contains_key("ROUTER_INTROSPECTION"));
    }

    #[test]
    fn origins_that_are_named_are_the_only_ones() {
        let given = after(&[("ROUTER_CORS_ORIGINS", "https://a.example")]);
        assert_eq!(given["ROUTER_CORS_ANY_ORIGIN"], text("false"));
        assert!(!after(&[]).contains_key("ROUTER_CORS_ANY_ORIGIN"));
    }

    fn parts(given: &[(&str, &str)]) -> Result<Parts, String> {
        let given: HashMap<&str, &str> = given.iter().copied().collect();
        Parts::of(Path::new("/work"), |name| given.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_keys_are_those_of_the_account_module() {
        assert_eq!(after(&[])["JWKS_URL"], text("http://127.0.0.1:4101/.well-known/jwks.json"));
        let elsewhere = after(&[("SUBGRAPH_URL_ACCOUNT", "http://account:80/graphql")]);
        assert_eq!(elsewhere["JWKS_URL"], text("http://account:80/.well-known/jwks.json"));
    }

    #[test]
    fn tls_and_documents_are_added_to_what_the_configuration_says() {
        let parts = parts(&[
            ("ROUTER_TLS_CERT_FILE", "c.pem"),
            ("ROUTER_TLS_KEY_FILE", "/k.pem"),
            ("ROUTER_PERSISTED_DOCUMENTS", "d.json"),
            ("ROUTER_SAFELIST", "true"),
        ])
        .expect("they belong together");
        let completed = parts.added_to("traffic_shaping:\n  router: { keep_alive: 75s }\n").expect("a configuration");
        let completed: serde_yaml::Value = serde_yaml::from_str(&completed).expect("YAML");
        let router = &completed["traffic_shaping"]["router"];
        assert_eq!((&router["keep_alive"], &router["tls"]["cert_file"]), (&"75s".into(), &"/work/c.pem".into()));
        assert_eq!(completed["persisted_documents"]["storage"]["path"], "/work/d.json");
        assert_eq!(completed["persisted_documents"]["require_id"], true);
        assert!(parts.added_to("log: {}").is_err());
    }

    #[test]
    fn halves_of_a_part_are_refused() {
        for given in [("ROUTER_TLS_CERT_FILE", "c.pem"), ("ROUTER_SAFELIST", "true"), ("ROUTER_SAFELIST", "yes")] {
            assert!(parts(&[given]).expect_err("a half").contains(given.0), "{given:?}");
        }
    }

    #[test]
    fn an_otlp_endpoint_turns_tracing_on_and_a_log_level_is_left_alone() {
        let given = after(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("LOG_LEVEL", "warn")]);
        assert_eq!(given["ROUTER_TRACE_SAMPLING"], text("1"));
        assert!(!given.contains_key("LOG_FILTER"));
    }
}
