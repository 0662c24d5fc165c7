//! Calls every root field of the schema, without knowing it: by introspection, with values that are well-formed.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_kit::Client;

const INTROSPECTION: &str = "{ __schema {
    queryType { fields { ...call } } mutationType { fields { ...call } } subscriptionType { fields { ...call } }
    types { name kind inputFields { name type { ...type } defaultValue } enumValues { name } fields { name } }
} }
fragment call on __Field { name args { name type { ...type } defaultValue } type { ...type } }
fragment type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A root field and how to call it.
pub(super) struct RootField {
    /// `Query.order`, `Mutation.checkout`, `Subscription.messageReceived`.
    pub(super) name: String,
    definition: Value,
}

/// The schema as the router shows it.
pub(super) struct Schema(Value);

/// Values for arguments and input fields: by `Mutation.checkout.lines`, or by `lines` for all operations alike. They
/// are written in GraphQL.
pub(super) type Values = BTreeMap<String, String>;

impl Schema {
    /// Asks the router for it.
    pub(super) async fn ask(client: &Client) -> Self {
        Self(client.data(INTROSPECTION, json!({})).await)
    }

    /// All root fields.
    pub(super) fn root_fields(&self) -> Vec<RootField> {
        let roots = [("queryType", "Query"), ("mutationType", "Mutation"), ("subscriptionType", "Subscription")];
        let fields = roots.into_iter().flat_map(|(root, root_name)| {
            let fields = self.0["__schema"][root]["fields"].as_array().expect("roots have fields");
            fields
                .iter()
                .map(move |field| RootField { name: format!("{root_name}.{}", name(field)), definition: field.clone() })
        });
        fields.collect()
    }

    /// The smallest well-formed operation that calls `field`: the arguments it requires or that `values` names, and of
    /// what it answers the codes of user errors or the type.
    pub(super) fn operation(&self, field: &RootField, values: &Values) -> String {
        let keyword = field.name.split('.').next().unwrap_or_default().to_lowercase();
        let arguments = self.inputs(field.definition["args"].as_array(), &field.name, values);
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        let selection = match &field.definition["type"] {
            of if is_leaf(of) => "",
            of if self.has_user_errors(of) => " { userErrors { code } }",
            _ => " { __typename }",
        };
        format!("{keyword} {{ {}{arguments}{selection} }}", name(&field.definition))
    }

    fn inputs(&self, inputs: Option<&Vec<Value>>, operation: &str, values: &Values) -> String {
        let written = inputs.into_iter().flatten().filter_map(|input| {
            let name = name(input);
            let given = values.get(&format!("{operation}.{name}")).or_else(|| values.get(name));
            let required = input["type"]["kind"] == "NON_NULL" && input["defaultValue"].is_null();
            match given {
                Some(value) => Some(format!("{name}: {value}")),
                None if required => Some(format!("{name}: {}", self.sample(&input["type"], operation, values))),
                None => None,
            }
        });
        written.collect::<Vec<_>>().join(", ")
    }

    fn sample(&self, of: &Value, operation: &str, values: &Values) -> String {
        match of["kind"].as_str() {
            Some("NON_NULL") => self.sample(&of["ofType"], operation, values),
            Some("LIST") => format!("[{}]", self.sample(&of["ofType"], operation, values)),
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
                let definition = self.definition(of);
                match definition["enumValues"].as_array() {
                    Some(values) if !values.is_empty() => name(&values[0]).to_owned(),
                    _ => format!("{{{}}}", self.inputs(definition["inputFields"].as_array(), operation, values)),
                }
            }
        }
    }

    fn definition(&self, of: &Value) -> &Value {
        let types = self.0["__schema"]["types"].as_array().expect("a schema has types");
        types.iter().find(|candidate| candidate["name"] == of["name"]).expect("types are defined")
    }

    fn has_user_errors(&self, of: &Value) -> bool {
        match of["kind"].as_str() {
            Some("NON_NULL" | "LIST") => self.has_user_errors(&of["ofType"]),
            _ => self.definition(of)["fields"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|field| field["name"] == "userErrors"),
        }
    }
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
