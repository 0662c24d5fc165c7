//! Rules for the schema that clients see, as one reads it: described, named and paged alike.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
};

const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// A schema, and what it was found to do against the rules.
struct Lint {
    types: BTreeMap<String, TypeDefinition>,
    findings: Vec<String>,
}

/// Everything in the schema that breaks a rule, as `Type.field(argument): what is wrong`.
///
/// # Panics
/// The text is no schema.
pub(crate) fn lint(schema: &str) -> Vec<String> {
    let ServiceDocument { definitions } = parse_schema(schema).expect("the schema can be parsed");
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
        _ => None,
    });
    let mut lint = Lint { types: types.collect(), findings: Vec::new() };
    for (name, definition) in lint.types.clone() {
        lint.type_is_described_and_named(&name, &definition);
        lint.members(&name, &definition);
        lint.connection_has_its_shape(&name, &definition);
    }
    lint.roots_are_alike();
    lint.findings
}

impl Lint {
    fn found(&mut self, place: &str, what: &str) {
        self.findings.push(format!("{place}: {what}"));
    }

    fn type_is_described_and_named(&mut self, name: &str, definition: &TypeDefinition) {
        let described = definition.description.as_ref().map(|text| text.node.as_str());
        // Connections are described by the specification that they follow, and roots by what they are.
        if !(ROOTS.contains(&name) || name.ends_with("Connection") || name.ends_with("Edge") || name == "PageInfo") {
            self.sentence(name, described);
        }
        if !is_pascal(name) && !matches!(definition.kind, TypeKind::Scalar) {
            self.found(name, "types are named InPascalCase");
        }
        let is_named_as_input = name.ends_with("Input") || name.ends_with("Filter");
        if matches!(definition.kind, TypeKind::InputObject(_)) != is_named_as_input {
            self.found(name, "input objects, and nothing else, are named …Input or …Filter");
        }
    }

    fn sentence(&mut self, place: &str, description: Option<&str>) {
        let Some(text) = description.map(str::trim).filter(|text| !text.is_empty()) else {
            return self.found(place, "has no description");
        };
        let starts_well = text.chars().next().is_some_and(|first| !first.is_lowercase());
        if !starts_well || !text.ends_with(['.', '!', '?', '`', ')', '"']) {
            self.found(place, "a description is sentences: a capital first, a full stop last");
        }
    }

    fn members(&mut self, name: &str, definition: &TypeDefinition) {
        match &definition.kind {
            TypeKind::Object(object) => object.fields.iter().for_each(|field| self.field(name, &field.node)),
            TypeKind::Interface(interface) => interface.fields.iter().for_each(|field| self.field(name, &field.node)),
            TypeKind::InputObject(input) => {
                input
                    .fields
                    .iter()
                    .for_each(|field| self.input_value(&format!("{name}.{}", field.node.name.node), &field.node));
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let place = format!("{name}.{}", value.node.value.node);
                    self.sentence(&place, value.node.description.as_ref().map(|text| text.node.as_str()));
                    if !value.node.value.node.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                    {
                        self.found(&place, "values of an enum are named IN_CAPITALS");
                    }
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }

    fn field(&mut self, owner: &str, field: &FieldDefinition) {
        let place = format!("{owner}.{}", field.name.node);
        // The words of an edge are those of the library that makes it.
        if !owner.ends_with("Edge") {
            self.sentence(&place, field.description.as_ref().map(|text| text.node.as_str()));
        }
        self.name_and_unit(&place, &field.name.node, &field.ty.node.to_string());
        for argument in &field.arguments {
            let argument = &argument.node;
            let place = format!("{place}({})", argument.name.node);
            // The one `input` of a mutation is described by its type.
            if owner == "Mutation" && argument.name.node == "input" {
                continue;
            }
            self.input_value(&place, argument);
        }
        self.paging(&place, field);
    }

    fn input_value(&mut self, place: &str, value: &InputValueDefinition) {
        self.sentence(place, value.description.as_ref().map(|text| text.node.as_str()));
        self.name_and_unit(place, &value.name.node, &value.ty.node.to_string());
    }

    /// A name that promises a kind of value keeps the promise.
    fn name_and_unit(&mut self, place: &str, name: &str, of: &str) {
        if !is_camel(name) {
            self.found(place, "fields and arguments are named inCamelCase");
        }
        let promises = [
            ("At", "DateTime"),
            ("Id", "ID"),
            ("Ids", "ID"),
            ("Minor", "BigInt"),
            ("Bytes", "BigInt"),
            ("Count", "Int"),
        ];
        // `clientId` names a message in the client's own words: any text does.
        let promised = promises.iter().find(|(end, _)| name.ends_with(end) && name != "clientId");
        let kept = |kind: &str| innermost(of) == kind || (kind == "Int" && innermost(of) == "BigInt");
        if let Some((end, kind)) = promised.filter(|(_, kind)| !kept(kind)) {
            self.found(place, &format!("what is named …{end} is of type {kind}, not {of}"));
        }
        if innermost(of) == "Boolean" && name.starts_with("not") {
            self.found(place, "a flag says what is, not what is not");
        }
    }

    /// Lists are read forwards, by `first` and `after`, and a page is bounded.
    fn paging(&mut self, place: &str, field: &FieldDefinition) {
        let answer = field.ty.node.to_string();
        let arguments: BTreeMap<&str, String> = field
            .arguments
            .iter()
            .map(|argument| (argument.node.name.node.as_str(), argument.node.ty.node.to_string()))
            .collect();
        let wanted = [("first", "Int"), ("after", "String")];
        if innermost(&answer).ends_with("Connection") {
            for (name, of) in wanted {
                match arguments.get(name) {
                    Some(given) if given == of => {}
                    Some(given) => self.found(place, &format!("`{name}` of a connection is `{of}`, not `{given}`")),
                    None => self.found(place, &format!("a connection takes `{name}`")),
                }
            }
            // Null is what a stranger sees of a private list of an entity, and everybody while the module is away.
            if answer.starts_with('[') {
                self.found(place, "a connection is never in a list");
            }
        } else if arguments.contains_key("after") && arguments.contains_key("first") {
            self.found(place, "what takes `first` and `after` answers with a connection");
        }
        for other in ["offset", "limit", "page", "pageSize", "skip", "take", "last", "before"] {
            if arguments.contains_key(other) {
                self.found(place, &format!("lists are paged by `first` and `after`, not by `{other}`"));
            }
        }
    }

    fn connection_has_its_shape(&mut self, name: &str, definition: &TypeDefinition) {
        let TypeKind::Object(object) = &definition.kind else { return };
        let fields: BTreeMap<&str, String> =
            object.fields.iter().map(|field| (field.node.name.node.as_str(), field.node.ty.node.to_string())).collect();
        let shape: Vec<(&str, String)> = if let Some(node) = name.strip_suffix("Connection") {
            vec![("edges", format!("[{node}Edge!]!")), ("pageInfo", "PageInfo!".to_owned())]
        } else if name.ends_with("Edge") {
            vec![("cursor", "String!".to_owned())]
        } else {
            return;
        };
        for (field, of) in shape {
            if fields.get(field) != Some(&of) {
                self.found(name, &format!("has a field `{field}: {of}`"));
            }
        }
        if name.ends_with("Edge") && !fields.contains_key("node") {
            self.found(name, "has a field `node`");
        }
    }

    fn roots_are_alike(&mut self) {
        for field in self.fields_of("Query") {
            let name = field.name.node.as_str();
            let verbs = ["get", "list", "fetch", "find", "load", "search", "query"];
            if let Some(verb) = verbs.iter().find(|verb| starts_with_word(name, verb)) {
                // `searchProducts` and `searchSuggestions` are nouns: products and suggestions of a search.
                if *verb != "search" {
                    self.found(&format!("Query.{name}"), "queries are nouns");
                }
            }
        }
        for field in self.fields_of("Mutation") {
            let place = format!("Mutation.{}", field.name.node);
            let title = field.name.node[..1].to_uppercase() + &field.name.node[1..];
            let answer = field.ty.node.to_string();
            let refusals = self.fields_of(innermost(&answer)).into_iter().find(|field| field.name.node == "userErrors");
            let can_refuse = refusals.is_some_and(|refusals| refusals.ty.node.to_string() == "[UserError!]!");
            if !(answer.ends_with("Payload!") && can_refuse) {
                self.found(&place, "answers with a …Payload! that has `userErrors: [UserError!]!`");
            }
            let arguments: Vec<String> = field
                .arguments
                .iter()
                .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
                .collect();
            if !(arguments.is_empty() || arguments == [format!("input: {title}Input!")]) {
                self.found(&place, &format!("takes `input: {title}Input!`, not {arguments:?}"));
            }
        }
        let ends = ["Received", "Changed", "Activity"];
        for field in self.fields_of("Subscription") {
            if !ends.iter().any(|end| field.name.node.ends_with(end)) {
                self.found(&format!("Subscription.{}", field.name.node), "a subscription says what has happened");
            }
        }
    }

    fn fields_of(&self, name: &str) -> Vec<FieldDefinition> {
        match self.types.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| field.node.clone()).collect(),
            _ => Vec::new(),
        }
    }
}

fn innermost(of: &str) -> &str {
    of.trim_matches(['[', ']', '!'])
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_')
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('_')
}

fn starts_with_word(name: &str, word: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}
