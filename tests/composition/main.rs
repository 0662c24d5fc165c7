//! The composed graph: current, complete and described.

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
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

/// Descriptions are what a front-end developer sees first.
#[test]
fn every_type_field_and_argument_is_described() {
    let mut bare = Vec::new();
    for (module, document) in documents() {
        for definition in types(&document).filter(|definition| is_ours(&definition.name.node)) {
            let name = format!("{module}: {}", definition.name.node);
            let is_root = ["Query", "Mutation", "Subscription"].contains(&definition.name.node.as_str());
            // Connections are described by the specification that they follow.
            let is_connection = name.ends_with("Connection") || name.ends_with("Edge");
            if definition.description.is_none() && !is_root && !is_connection {
                bare.push(name.clone());
            }
            bare.extend(bare_members(&name, definition));
        }
    }
    assert!(bare.is_empty(), "without description:\n{}", bare.join("\n"));
}

/// A list without bound is a way to make us read a whole table.
#[test]
fn every_connection_takes_first_and_after() {
    let mut unbounded = Vec::new();
    for (module, document) in documents() {
        for definition in types(&document) {
            let TypeKind::Object(object) = &definition.kind else { continue };
            for field in &object.fields {
                let answers = field.node.ty.node.to_string();
                let arguments: Vec<&str> =
                    field.node.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
                if answers.trim_end_matches('!').ends_with("Connection")
                    && !(arguments.contains(&"first") && arguments.contains(&"after"))
                {
                    unbounded.push(format!("{module}: {}.{}", definition.name.node, field.node.name.node));
                }
            }
        }
    }
    assert!(unbounded.is_empty(), "connections without `first` and `after`:\n{}", unbounded.join("\n"));
}

/// Mutations are verb-noun, take one `input` and answer with a payload that has `userErrors`.
#[test]
fn mutations_are_alike() {
    let mut odd = Vec::new();
    for (module, document) in documents() {
        let payloads: BTreeSet<String> = types(&document)
            .filter(|definition| {
                matches!(&definition.kind, TypeKind::Object(object)
                if object.fields.iter().any(|field| field.node.name.node == "userErrors"))
            })
            .map(|definition| definition.name.node.to_string())
            .collect();
        for definition in types(&document).filter(|definition| definition.name.node == "Mutation") {
            let TypeKind::Object(object) = &definition.kind else { continue };
            for field in &object.fields {
                let arguments: Vec<&str> =
                    field.node.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
                let answer = field.node.ty.node.to_string();
                if !(arguments.is_empty() || arguments == ["input"]) || !payloads.contains(answer.trim_end_matches('!'))
                {
                    odd.push(format!("{module}: {}", field.node.name.node));
                }
            }
        }
    }
    assert!(odd.is_empty(), "mutations that are not like the others:\n{}", odd.join("\n"));
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

/// Types of the federation itself are described by its specification.
fn is_ours(name: &str) -> bool {
    !name.starts_with('_') && !name.contains("__")
}

fn bare_members(name: &str, definition: &TypeDefinition) -> Vec<String> {
    let field = |field: &FieldDefinition| {
        let path = format!("{name}.{}", field.name.node);
        let mut bare: Vec<String> = field.description.is_none().then(|| path.clone()).into_iter().collect();
        // The `input` of a mutation is described by its type.
        let arguments = field
            .arguments
            .iter()
            .filter(|argument| argument.node.description.is_none() && argument.node.name.node != "input");
        bare.extend(arguments.map(|argument| format!("{path}({})", argument.node.name.node)));
        bare
    };
    match &definition.kind {
        TypeKind::Object(object) => object.fields.iter().flat_map(|node| field(&node.node)).collect(),
        TypeKind::Interface(interface) => interface.fields.iter().flat_map(|node| field(&node.node)).collect(),
        TypeKind::InputObject(input) => {
            let bare = input.fields.iter().filter(|field| field.node.description.is_none());
            bare.map(|field| format!("{name}.{}", field.node.name.node)).collect()
        }
        TypeKind::Enum(values) => {
            let bare = values.values.iter().filter(|value| value.node.description.is_none());
            bare.map(|value| format!("{name}.{}", value.node.value.node)).collect()
        }
        TypeKind::Scalar | TypeKind::Union(_) => Vec::new(),
    }
}
