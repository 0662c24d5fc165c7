//! The files by which the marketplace is run elsewhere. There is no container engine here, so they are read, and held
//! against the programs: every command, variable, port and path in them must be one that the programs have.

mod compose;
mod kubernetes;
mod processes;
mod telemetry;

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::program::{output, shopnexus};

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
        "router/README.md",
        "subgraphs/order/README.md",
        "subgraphs/account/README.md",
    ];
    let module = ["LISTEN_", "SUBGRAPH_URL_", "MODULE_URL_"].into_iter().find_map(|prefix| name.strip_prefix(prefix));
    let of_module = module.is_some_and(|module| module.to_lowercase().parse::<service_kit::ModuleName>().is_ok());
    let is_explained = |page: &&str| read(page).contains(&format!("`{name}`"));
    assert!(of_module || explained.iter().any(is_explained), "{name} is no variable of the programs");
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
