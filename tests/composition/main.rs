//! The composed graph: current, complete and described.

mod lint;

use std::{collections::BTreeSet, process::Command};

use async_graphql::parser::{
    parse_schema,
    types::{ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use tests::{MODULES, read, root};

#[test]
fn the_supergraph_is_current() {
    let composed = composer::compose(&root().join("supergraph.yaml")).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        composed == read("router/supergraph.graphql"),
        "router/supergraph.graphql is stale: run `cargo xtask schema` and review the difference"
    );
}

#[test]
fn the_schema_that_clients_see_is_current() {
    let composed = composer::api_schema(&read("router/supergraph.graphql")).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        composed == read("router/schema.graphql"),
        "router/schema.graphql is stale: run `cargo xtask schema` and review the difference"
    );
}

/// Descriptions are what a front-end developer sees first; a list without bound is a way to make us read a whole table.
#[test]
fn the_schema_that_clients_see_is_described_named_and_paged_alike() {
    let findings = lint::lint(&read("router/schema.graphql"));
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

/// A lint that finds nothing in a bad schema is worth nothing.
#[test]
fn the_lint_sees_what_is_wrong() {
    let bad = r#"
        type Query {
            "Fetches." getLamp(lamp_id: ID!): Lamp
            "Lamps." lamps(limit: Int, after: Int): [LampConnection]
            "More lamps." moreLamps(
                "How many." first: Int
                "From where." after: String
            ): [Lamp!]!
        }
        type Mutation { "Lights it." lightLamp(id: ID!): Lamp! }
        type Subscription { "A lamp." lamp: Lamp! }
        type Lamp { "its name" Name: String! "When it was lit." litAt: String! lampId: Int! "It is off." notLit: Boolean! }
        type LampConnection { "The lamps." edges: [Lamp] }
        type LampEdge { "It." node: Lamp }
        "A wish." input Wish { "How bright." bright: Int }
        "A colour." enum Colour { "Red." red }
    "#;
    insta::assert_snapshot!(lint::lint(bad).join("\n"));
}

/// `router/released.graphql` is the schema that clients were last promised. Its successor may say less only by a declaration
/// with a reason in `router/declared-changes.json`; a release copies `router/schema.graphql` over it and empties the list.
#[test]
fn what_breaks_clients_is_declared() {
    let router = root().join("router");
    let mut check = Command::new("node");
    check.arg(root().join("clients/checks/breaking-changes.mjs"));
    check.args(["released.graphql", "schema.graphql", "declared-changes.json"].map(|file| router.join(file)));
    assert_succeeds(&mut check);
}

#[test]
fn every_kind_of_break_is_seen() {
    let mut check = Command::new("node");
    assert_succeeds(check.arg("--test").arg(root().join("clients/checks/breaking-changes.test.mjs")));
}

#[test]
fn the_reference_of_the_api_is_current() {
    let mut check = Command::new("node");
    assert_succeeds(check.arg(root().join("clients/reference/write.mjs")).arg("--check"));
}

/// A program of `clients/`, whose packages `cargo xtask test` installs.
fn assert_succeeds(command: &mut Command) {
    let output = command.output().expect("Node.js is installed: `cargo xtask test` needs it");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "\n{}", said.join("\n"));
}

/// Clients branch on these. A code that disappears breaks them; a new one belongs into this list on purpose.
#[test]
fn error_codes_are_stable() {
    let codes: BTreeSet<String> = documents()
        .flat_map(|(module, document)| {
            let values =
                types(&document).filter(|definition| definition.name.node == "UserErrorCode").flat_map(|definition| {
                    let TypeKind::Enum(codes) = &definition.kind else {
                        panic!("UserErrorCode of {module} is an enum")
                    };
                    codes.values.iter().map(|value| value.node.value.node.to_string()).collect::<Vec<_>>()
                });
            values.map(|code| format!("{module}: {code}")).collect::<Vec<_>>()
        })
        .collect();
    insta::assert_snapshot!(codes.into_iter().collect::<Vec<_>>().join("\n"));
}

fn documents() -> impl Iterator<Item = (&'static str, ServiceDocument)> {
    MODULES.into_iter().map(|module| {
        let sdl = read(&format!("subgraphs/{module}/schema.graphql"));
        (module, parse_schema(sdl).unwrap_or_else(|error| panic!("{module}: {error}")))
    })
}

fn types(document: &ServiceDocument) -> impl Iterator<Item = &TypeDefinition> {
    document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        _ => None,
    })
}
