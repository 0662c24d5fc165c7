//! Every root field as anybody: what a stranger without a token is told.
//!
//! The table is complete by construction: a root field that it does not name fails the test, so that a new field is
//! decided upon, not forgotten.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::marketplace;

/// Root fields that a stranger may use.
const PUBLIC: &[&str] = &[
    "Query.account",
    "Query.categories",
    "Query.category",
    "Query.convert",
    "Query.countries",
    "Query.exchangeRate",
    "Query.me",
    "Query.product",
    "Query.products",
    "Query.promotion",
    "Query.resource",
    "Query.searchProducts",
    "Query.serviceOptions",
    "Query.tags",
    "Query.trendingProducts",
    "Mutation.logIn",
    "Mutation.refreshSession",
    "Mutation.register",
    "Mutation.requestPasswordReset",
    "Mutation.resetPassword",
    "Mutation.trackInteractions",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_root_field_that_is_not_public_refuses_a_stranger() {
    let stack = marketplace().await;
    let schema = stack.client().data(INTROSPECTION, json!({})).await;
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (root, keyword) in [("queryType", "query"), ("mutationType", "mutation")] {
        let root_name = if root == "queryType" { "Query" } else { "Mutation" };
        for field in schema["__schema"][root]["fields"].as_array().expect("roots have fields") {
            let name = format!("{root_name}.{}", field["name"].as_str().unwrap_or_default());
            seen.insert(name.clone());
            if PUBLIC.contains(&name.as_str()) {
                continue;
            }
            let operation = format!("{keyword} {}", call(&schema, field));
            let reply = stack.client().send(&operation, json!({})).await;
            if reply.code() != Some("UNAUTHENTICATED") {
                wrong.push(format!("{name}: {:?}", reply));
            }
        }
    }
    assert!(wrong.is_empty(), "a stranger was not refused by\n{}", wrong.join("\n"));
    let gone: Vec<_> = PUBLIC.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(gone.is_empty(), "the table names fields that are not there: {gone:?}");
}

const INTROSPECTION: &str = "{ __schema {
    queryType { fields { ...call } } mutationType { fields { ...call } }
    types { name kind inputFields { name type { ...type } defaultValue } enumValues { name } fields { name type { ...type } args { name } } }
} }
fragment call on __Field { name args { name type { ...type } defaultValue } type { ...type } }
fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The smallest well-formed selection of a field: its required arguments with some value, and `__typename`.
fn call(schema: &Value, field: &Value) -> String {
    let arguments: Vec<String> = required(field["args"].as_array())
        .map(|argument| format!("{}: {}", name(argument), sample(schema, &argument["type"])))
        .collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let selection = if is_leaf(&field["type"]) { "" } else { " { __typename }" };
    format!("{{ {}{arguments}{selection} }}", name(field))
}

fn required(inputs: Option<&Vec<Value>>) -> impl Iterator<Item = &Value> {
    inputs.into_iter().flatten().filter(|input| input["type"]["kind"] == "NON_NULL" && input["defaultValue"].is_null())
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("everything in a schema has a name")
}

fn is_leaf(of: &Value) -> bool {
    match of["kind"].as_str() {
        Some("NON_NULL" | "LIST") => is_leaf(&of["ofType"]),
        kind => matches!(kind, Some("SCALAR" | "ENUM")),
    }
}

fn sample(schema: &Value, of: &Value) -> String {
    match of["kind"].as_str() {
        Some("NON_NULL") => sample(schema, &of["ofType"]),
        Some("LIST") => format!("[{}]", sample(schema, &of["ofType"])),
        Some("SCALAR") => match name(of) {
            "ID" => "\"01900000-0000-7000-8000-000000000000\"".to_owned(),
            "Int" | "Float" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "BigInt" => "\"1\"".to_owned(),
            "CurrencyCode" => "\"VND\"".to_owned(),
            "DateTime" => "\"2026-01-01T00:00:00Z\"".to_owned(),
            _ => "\"x\"".to_owned(),
        },
        _ => {
            let types = schema["__schema"]["types"].as_array().expect("a schema has types");
            let definition = types.iter().find(|candidate| candidate["name"] == of["name"]).expect("types are defined");
            match definition["enumValues"].as_array() {
                Some(values) if !values.is_empty() => name(&values[0]).to_owned(),
                _ => {
                    let fields = required(definition["inputFields"].as_array())
                        .map(|field| format!("{}: {}", name(field), sample(schema, &field["type"])));
                    format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
                }
            }
        }
    }
}
