//! Composition of small graphs, good and broken, without the real subgraphs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, str};

use composer::{ComposeError, SubgraphSource, compose_sources};

const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.5",
    import: ["@key", "@shareable", "@external", "@requires"])
"#;

const CATALOG: &str = r#"
type Query { product(id: ID!): Product }
type Product @key(fields: "id") { id: ID! name: String! }
"#;

const ORDER: &str = r#"
type Query { order(id: ID!): Order }
type Order @key(fields: "id") { id: ID! product: Product! }
type Product @key(fields: "id", resolvable: false) { id: ID! }
"#;

fn source(name: &str, sdl: &str) -> SubgraphSource {
    SubgraphSource {
        name: name.to_owned(),
        routing_url: format!("http://127.0.0.1/{name}"),
        file: PathBuf::from(format!("subgraphs/{name}/schema.graphql")),
        sdl: format!("{LINK}{sdl}"),
    }
}

fn problems(sources: Vec<SubgraphSource>) -> Vec<composer::Problem> {
    compose_sources(sources).expect_err("the graph is broken").problems().to_vec()
}

/// Writes `supergraph.yaml`, the two schemas and the router's directory into `dir`.
fn project(dir: &Path, catalog: &str, order: &str) -> PathBuf {
    for (name, sdl) in [("catalog", catalog), ("order", order)] {
        let folder = dir.join("subgraphs").join(name);
        fs::create_dir_all(&folder).expect("a directory");
        fs::write(folder.join("schema.graphql"), format!("{LINK}{sdl}")).expect("a schema");
    }
    fs::create_dir_all(dir.join("router")).expect("a directory");
    let config = dir.join("supergraph.yaml");
    fs::write(
        &config,
        "federation_version: 2
subgraphs:
  order:
    routing_url: http://127.0.0.1:1/graphql
    schema: { file: subgraphs/order/schema.graphql }
  catalog:
    routing_url: http://127.0.0.1:2/graphql
    schema: { file: subgraphs/catalog/schema.graphql }
",
    )
    .expect("a configuration");
    config
}

#[test]
fn two_subgraphs_join_on_their_entity() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = project(dir.path(), CATALOG, ORDER);
    let supergraph = composer::compose(&config).expect("a supergraph");
    assert!(supergraph.starts_with("# Composed from supergraph.yaml"));
    assert!(supergraph.contains(r#"url: "http://127.0.0.1:1/graphql""#));
    assert!(supergraph.contains("@join__type(graph: CATALOG, key: \"id\")"));
    assert_eq!(supergraph, composer::compose(&config).expect("the same again"));
}

#[test]
fn what_one_module_answers_inside_another_may_be_null() {
    let catalog = r#"
type Query { product(id: ID!): Product! }
type Product @key(fields: "id") { id: ID! name: String! similar: [Product!]! }
"#;
    let order = r#"
type Query { orders: [Order!]! }
type Mutation { buy(id: ID!): Order! }
type Order @key(fields: "id") { id: ID! total: Int! product: Product! others: [Product!]! }
type Product @key(fields: "id") { id: ID! sold: Int! }
"#;
    let supergraph = compose_sources(vec![source("catalog", catalog), source("order", order)]).expect("a supergraph");
    let field = |name: &str| {
        let line = supergraph.lines().map(str::trim).find(|line| line.starts_with(&format!("{name}:")));
        line.and_then(|line| line.split([':', '@']).nth(1)).map(|ty| ty.trim().to_owned()).unwrap_or_default()
    };
    assert!(supergraph.contains("product(id: ID!): Product @join__field"), "{supergraph}");
    assert_eq!(field("orders"), "[Order!]", "a root field");
    assert_eq!(field("product"), "Product", "it leads to another module");
    assert_eq!(field("others"), "[Product]", "and so do the entries of a list");
    assert_eq!(field("sold"), "Int", "a field added to the entity of another");
    assert_eq!(field("name"), "String!", "its own stays");
    assert_eq!(field("similar"), "[Product!]!");
    assert_eq!(field("total"), "Int!");
    assert!(supergraph.contains("buy(id: ID!): Order!"), "a mutation is one module's affair");
}

#[test]
fn a_type_mismatch_names_subgraphs_type_and_field() {
    let catalog = r#"
type Query { product: Product }
type Product @key(fields: "id") { id: ID! weight: Int! @shareable }
"#;
    let order = r#"
type Product @key(fields: "id") { id: ID! weight: String! @shareable }
"#;
    let found = problems(vec![source("catalog", catalog), source("order", order)]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code, "FIELD_TYPE_MISMATCH");
    for name in ["\"Product.weight\"", "\"catalog\"", "\"order\""] {
        assert!(found[0].message.contains(name), "{name}: {}", found[0]);
    }
}

#[test]
fn every_problem_is_listed() {
    let catalog = r#"
type Query { product: Product }
type Product @key(fields: "id") { id: ID! name: String! weight: Int! @shareable }
"#;
    let order = r#"
type Product @key(fields: "id") { id: ID! name: String! weight: String! @shareable }
"#;
    let found = problems(vec![source("catalog", catalog), source("order", order)]);
    let codes: Vec<&str> = found.iter().map(|problem| problem.code.as_str()).collect();
    assert!(codes.contains(&"FIELD_TYPE_MISMATCH"), "{codes:?}");
    assert!(codes.contains(&"INVALID_FIELD_SHARING"), "{codes:?}");
    let sharing = found.iter().find(|problem| problem.code == "INVALID_FIELD_SHARING").expect("it is there");
    assert!(sharing.message.contains("\"Product.name\""), "{sharing}");
    assert!(!sharing.locations.is_empty(), "{sharing}");
    assert!(sharing.to_string().contains("subgraphs/catalog/schema.graphql:"), "{sharing}");
}

#[test]
fn invalid_schemas_of_several_subgraphs_are_reported_together() {
    let found = problems(vec![
        source("catalog", "type Query { product: Unknown }"),
        source("order", "type Query { order: Missing }"),
    ]);
    let text: Vec<String> = found.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    for name in ["[catalog]", "Unknown", "[order]", "Missing"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn an_entity_that_cannot_be_reached_is_not_satisfiable() {
    let catalog = r#"
type Query { product: Product }
type Product @key(fields: "id") { id: ID! name: String! }
"#;
    let order = r#"
type Query { last: Product }
type Product @key(fields: "sku") { sku: ID! sold: Int! }
"#;
    let found = problems(vec![source("catalog", catalog), source("order", order)]);
    assert!(
        found.iter().any(|problem| problem.code == "SATISFIABILITY_ERROR"
            && problem.message.contains("Product.name")
            && problem.message.contains("order")),
        "{found:?}"
    );
}

#[test]
fn missing_files_and_a_broken_configuration_are_explained() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = project(dir.path(), CATALOG, ORDER);
    for name in ["catalog", "order"] {
        fs::remove_file(dir.path().join(format!("subgraphs/{name}/schema.graphql"))).expect("it was there");
    }
    let error = composer::compose(&config).expect_err("the schemas are gone");
    assert_eq!(error.problems().len(), 2, "{error}");
    assert!(error.to_string().contains("[catalog]"), "{error}");

    fs::write(&config, "federation_version: 1\nsubgraphs: {}\n").expect("a configuration");
    let error = composer::compose(&config).expect_err("there is no subgraph");
    assert!(matches!(error, ComposeError::Config { .. }), "{error}");
}

#[test]
fn check_fails_when_the_committed_file_is_stale() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = project(dir.path(), CATALOG, ORDER);
    let compose = |check: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopnexus-compose"));
        command.arg("--config").arg(&config);
        if check {
            command.arg("--check");
        }
        command.output().expect("it runs")
    };
    let stale = compose(true);
    assert!(!stale.status.success());
    let message = str::from_utf8(&stale.stderr).expect("text");
    assert!(message.contains("stale"), "{message}");
    assert!(compose(false).status.success());
    assert!(compose(true).status.success());

    fs::write(dir.path().join("subgraphs/order/schema.graphql"), "type Query {").expect("a schema");
    let broken = compose(true);
    assert!(!broken.status.success());
    let message = str::from_utf8(&broken.stderr).expect("text");
    assert!(message.contains("order"), "{message}");
}
