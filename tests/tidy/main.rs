//! The structural rules of `docs/ARCHITECTURE.md`, each with its reason.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;
use tests::{MODULES, read, root};

/// A file that is longer has more than one subject.
const LINES_MAX: usize = 600;

#[test]
fn no_file_is_longer_than_its_subject() {
    let long = sources().into_iter().filter_map(|(path, text)| {
        let lines = text.lines().count();
        (lines > LINES_MAX).then(|| format!("{path} has {lines} lines; {LINES_MAX} is the ceiling"))
    });
    expect_none(long);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path);
    expect_none(silent.map(|path| format!("{path} does not open with `//!`")));
}

#[test]
fn names_say_what_a_thing_is() {
    let vague = ["utils", "util", "helpers", "helper", "manager", "misc"];
    let vaguely_named = sources().into_iter().filter_map(|(path, _)| {
        let name = path.rsplit('/').next()?.trim_end_matches(".rs");
        vague.contains(&name).then(|| format!("{path}: name it by what it is"))
    });
    expect_none(vaguely_named);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TODO", "FIXME", "XXX"].map(|mark| format!("{mark}:"));
    let unfinished =
        sources().into_iter().filter(|(path, _)| !path.starts_with("tests/tidy/")).flat_map(|(path, text)| {
            let marks = marks.clone();
            let lines: Vec<String> = text
                .lines()
                .enumerate()
                .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark.as_str())))
                .map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim()))
                .collect();
            lines
        });
    expect_none(unfinished);
}

/// Resolvers authorise, call and map; the SQL stands in the store.
#[test]
fn resolvers_hold_no_sql() {
    let resolvers = ["queries.rs", "mutations.rs", "subscriptions.rs", "schema.rs", "types.rs"];
    let forbidden = ["raw_sql!", "Entity::find", "Entity::insert", "Entity::update", "Entity::delete", "from_sql"];
    let offending = sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with("subgraphs/") && resolvers.iter().any(|name| path.ends_with(name)))
        .flat_map(|(path, text)| {
            let found = forbidden.iter().filter(|needle| text.contains(**needle));
            found.map(|needle| format!("{path} holds `{needle}`")).collect::<Vec<_>>()
        });
    expect_none(offending);
}

#[test]
fn all_modules_have_the_same_shape() {
    let parts = ["README.md", "schema.graphql", "src/lib.rs", "src/schema.rs", "src/error.rs", "tests/it/main.rs"];
    let missing = MODULES.iter().flat_map(|module| {
        parts.iter().map(move |part| format!("subgraphs/{module}/{part}")).filter(|path| !root().join(path).exists())
    });
    expect_none(missing);
}

/// What each crate of ours may use of ours. A dependency points only from right to left:
/// kernel → entities, contracts, service-kit → subgraphs → shopnexus, tests.
#[test]
fn dependencies_point_one_way() {
    let subgraph: &[&str] = &["kernel", "entities", "contracts", "service-kit"];
    let mut allowed: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("kernel", vec![]),
        ("entities", vec!["kernel"]),
        ("contracts", vec!["kernel"]),
        ("service-kit", vec!["kernel", "contracts"]),
        // A migration describes what the tables were; it must not follow what the entities become.
        ("migrations", vec![]),
        // Measures from outside, as the tests of the marketplace act from outside.
        ("bench", vec!["test-kit"]),
        ("test-kit", vec!["kernel", "service-kit", "migrations"]),
        // The router knows only SDL.
        ("shopnexus-router", vec![]),
        // Composition is under the Elastic License: a developer's tool, never in what we ship.
        ("composer", vec![]),
        ("xtask", vec![]),
        ("tests", vec![]),
        // It asks the catalog's search as the resolver does, on a database of its own.
        ("relevance", vec!["kernel", "service-kit", "catalog", "test-kit"]),
    ]);
    // No module depends on another: they meet in `contracts` and in the graph.
    allowed.extend(MODULES.map(|module| (module, subgraph.to_vec())));
    let mut whole = vec!["kernel", "entities", "contracts", "service-kit", "migrations"];
    whole.extend(MODULES);
    allowed.insert("shopnexus", whole);
    let forbidden = our_dependencies().into_iter().flat_map(|(package, dependencies)| {
        let allowed = allowed.get(package.as_str()).cloned();
        dependencies.into_iter().filter_map(move |dependency| match &allowed {
            None => Some(format!("{package} is not in the table of this test")),
            Some(allowed) if allowed.contains(&dependency.as_str()) => None,
            Some(_) => Some(format!("{package} must not depend on {dependency}")),
        })
    });
    expect_none(forbidden);
}

/// What must always hold holds after every test of the running marketplace, or the test does not count.
#[test]
fn every_test_of_the_marketplace_ends_with_a_check() {
    let unchecked = sources().into_iter().filter(|(path, _)| is_of_the_marketplace(path)).flat_map(|(path, text)| {
        let tests: Vec<String> = text.split("#[tokio::test").skip(1).map(ToOwned::to_owned).collect();
        tests.into_iter().filter_map(move |test| {
            let starts = test.contains("marketplace().await") || test.contains("start(") || test.contains("Stack::");
            let name = test.split("async fn ").nth(1)?.split('(').next()?.to_owned();
            (starts && !test.contains("assert_sound()")).then(|| format!("{path}: {name} does not call `assert_sound`"))
        })
    });
    expect_none(unchecked);
}

fn is_of_the_marketplace(path: &str) -> bool {
    ["tests/marketplace/", "tests/clients/"].iter().any(|directory| path.starts_with(directory))
}

/// A GraphQL type derived on a row would show every new column to every client.
#[test]
fn rows_are_never_graphql_types() {
    let offending =
        sources().into_iter().filter(|(path, text)| path.starts_with("entities/") && text.contains("async_graphql"));
    expect_none(offending.map(|(path, _)| path));
}

/// A README that names the wrong commands is worse than none.
#[test]
fn the_readme_names_the_two_commands() {
    let readme = read("README.md");
    for command in ["cargo xtask up", "cargo xtask test"] {
        assert!(readme.contains(command), "README.md does not name `{command}`");
    }
}

/// Every tracked Rust file and its text.
fn sources() -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"])
        .current_dir(root())
        .output();
    let listed =
        String::from_utf8(listed.expect("git lists the files of the checkout").stdout).expect("paths are UTF-8");
    let existing = listed.lines().filter(|path| root().join(path).exists());
    existing.map(|path| (path.to_owned(), read(path))).collect()
}

/// The normal (not development) dependencies of each of our crates on our crates.
fn our_dependencies() -> Vec<(String, Vec<String>)> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo describes the workspace");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo speaks JSON");
    let packages = metadata["packages"].as_array().expect("a workspace has packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("a package has a list of dependencies");
            let ours =
                dependencies.iter().filter(|dependency| dependency["path"].is_string() && dependency["kind"].is_null());
            let name = |value: &Value| value["name"].as_str().expect("packages have names").to_owned();
            (name(package), ours.map(name).collect())
        })
        .collect()
}

fn expect_none(offences: impl IntoIterator<Item = String>) {
    let offences: Vec<String> = offences.into_iter().collect();
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}
