//! The files by which the marketplace is run elsewhere. There is no container engine here, so they are read, and held
//! against the programs: every command, variable, port and path in them must be one that the programs have, and every
//! process must be told what it cannot do without.

mod compose;
mod kubernetes;
mod processes;
mod telemetry;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::program::{output, shopnexus};

/// What a module must be told in a container. Five have no default; those of the others are for a developer, or lead to
/// the container itself.
const NEEDED_BY_A_MODULE: [&str; 14] = [
    "DATABASE_URL",
    "MODULE_ROLE_SECRET",
    "REDIS_URL",
    "RESTATE_INGRESS_URL",
    "RESTATE_ADMIN_URL",
    "SHOPNEXUS_ENV",
    "JWKS_URL",
    "MODULE_URL_ACCOUNT",
    "MODULE_URL_CATALOG",
    "MODULE_URL_COMMON",
    "MODULE_URL_PROMOTION",
    "PUBLIC_URL",
    "FILES_URL",
    "DATA_DIR",
];

/// The same of the router, without which its limits, introspection and origins would be those of development.
const NEEDED_BY_THE_ROUTER: [&str; 7] = [
    "SHOPNEXUS_ENV",
    "REDIS_URL",
    "JWKS_URL",
    "ROUTER_HOST",
    "ROUTER_CONFIG_FILE_PATH",
    "ROUTER_TRUSTED_PROXIES",
    "ROUTER_CORS_ORIGINS",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every document of a YAML file, with its merges applied.
fn documents(path: &str) -> Vec<Value> {
    let text = read(path);
    let parsed = serde_yaml::Deserializer::from_str(&text).map(|document| {
        let mut value: Value =
            serde::Deserialize::deserialize(document).unwrap_or_else(|error| panic!("{path}: {error}"));
        value.apply_merge().unwrap();
        value
    });
    parsed.collect()
}

fn words(value: &Value) -> Vec<String> {
    value.as_sequence().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// Fails unless the program has this command with these arguments.
fn assert_command(command: &[String]) {
    match command.split_first() {
        Some((program, arguments)) if program == "shopnexus" => {
            // `--help` is answered after everything before it was understood, and nothing is done.
            let answer = output(shopnexus().args(arguments).arg("--help"));
            let said = String::from_utf8_lossy(&answer.stderr);
            assert!(answer.status.success(), "{command:?} is no command: {said}");
        }
        Some((program, [])) if program == "shopnexus-router" => {}
        _ => panic!("{command:?} is none of the image's programs"),
    }
}

/// Fails unless the variable is one that the documentation of the programs explains.
fn assert_variable(name: &str) {
    let explained = [
        "docs/operating/configuration.md",
        "docs/operating/edge.md",
        "router/README.md",
        "subgraphs/order/README.md",
        "subgraphs/account/README.md",
    ];
    let module = ["LISTEN_", "SUBGRAPH_URL_", "MODULE_URL_"].into_iter().find_map(|prefix| name.strip_prefix(prefix));
    let of_module = module.is_some_and(|module| module.to_lowercase().parse::<service_kit::ModuleName>().is_ok());
    let is_explained = |page: &&str| read(page).contains(&format!("`{name}`"));
    assert!(of_module || explained.iter().any(is_explained), "{name} is no variable of the programs");
}

/// Whether a variable holds what nobody may read who does not need it. URLs of engines and mail servers have passwords.
fn is_secret(name: &str) -> bool {
    let has_password = ["DATABASE_URL", "REDIS_URL", "SMTP_URL"].contains(&name);
    has_password || ["SECRET", "TOKEN", "PASSWORD", "KEY"].iter().any(|part| name.contains(part))
}

/// Fails unless a process is told all that it needs.
fn assert_told(process: &str, told: &BTreeSet<String>, needed: &[&str]) {
    let missing: Vec<&&str> = needed.iter().filter(|name| !told.contains(**name)).collect();
    assert!(missing.is_empty(), "{process} is not told {missing:?}");
}

/// Fails unless the router is told all that it needs, and of all secrets only the one that it counts by.
fn assert_router_is_told(told: &BTreeSet<String>) {
    assert_told("the router", told, &NEEDED_BY_THE_ROUTER);
    let secrets: Vec<&String> = told.iter().filter(|name| is_secret(name)).collect();
    assert_eq!(secrets, ["REDIS_URL"], "the router needs no other secret");
}

#[test]
fn the_image_is_small_and_does_not_run_as_root() {
    let file = read("Containerfile");
    let stages: Vec<&str> = file.split("\nFROM ").collect();
    let last = stages.last().unwrap();
    assert!(last.starts_with("debian:bookworm-slim AS marketplace"), "the last stage is the image: {last}");
    assert!(last.contains("\nUSER 10001"), "it runs as a user that is known by number");
    assert!(last.contains("\nHEALTHCHECK "), "it tells its health");
    for built in ["rust:", "cargo", "npm"] {
        assert!(!last.contains(built), "{built} stays out of the image");
    }
    for line in file.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let sources = line.split_whitespace().filter(|word| !word.starts_with("--"));
        let mut sources: Vec<&str> = sources.collect();
        sources.pop();
        for source in sources.iter().filter(|source| !line.starts_with("--from") && **source != ".") {
            assert!(root().join(source).exists(), "{source} is in the checkout");
        }
    }
}

#[test]
fn the_image_has_the_weights_that_set_up_fetches_and_is_told_where() {
    let (file, setup) = (read("Containerfile"), read("xtask/src/setup/weights.rs"));
    let quoted: Vec<&str> = setup.split('"').skip(1).step_by(2).collect();
    let package = quoted.iter().find(|text| text.contains("==")).unwrap();
    let is_hash = |text: &&&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hashes: Vec<&&str> = quoted.iter().filter(is_hash).collect();
    assert_eq!(hashes.len(), 2, "the model and its tokenizer");
    for fetched in hashes.into_iter().chain([package]) {
        assert!(file.contains(fetched), "{fetched} is not fetched for the image");
    }
    let (_, image) = file.split_once(" AS marketplace\n").unwrap();
    let directory = image.lines().find_map(|line| line.strip_prefix("ENV MODELS_DIR=")).unwrap();
    let copied = format!("COPY --from=weights /models {directory}");
    assert!(image.lines().any(|line| line == copied), "the image lacks `{copied}`");
}
