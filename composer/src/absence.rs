//! What a module owes to the graph when it is away: nothing but its own fields.
//!
//! A field that may not be null takes the object around it with it when it cannot be answered. Inside one module that
//! is right: either the module answers or it does not. Across modules it would let one that is down empty the answers of
//! all others. So in the composed graph these may be null, whatever the module that answers them promises:
//! - the fields of `Query`: two of them in one operation may belong to two modules;
//! - fields that a module adds to an entity of another (`Account.cart` of the order module);
//! - fields that lead to an entity of another module (`OrderItem.product`), and the entries of such lists.
//!
//! A module sees its own schema unchanged and answers as it always did.

use std::collections::{BTreeMap, HashMap};

use apollo_compiler::Schema;
use apollo_compiler::ast::{Directive, Type, Value};
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};

/// Rewrites a supergraph.
pub(crate) fn may_be_null(supergraph: &Schema) -> Schema {
    let mut supergraph = supergraph.clone();
    let owners = owners(&supergraph);
    for (name, definition) in &mut supergraph.types {
        let ExtendedType::Object(object) = definition else { continue };
        let everyone = graphs(object.directives.get_all("join__type").map(AsRef::as_ref));
        for field in object.make_mut().fields.values_mut() {
            let mut answering = graphs_of(field);
            if answering.is_empty() {
                answering.clone_from(&everyone);
            }
            let another = |owner: Option<&String>| owner.is_some_and(|owner| !answering.contains(owner));
            let leads_away = another(owners.get(field.ty.inner_named_type().as_str()));
            if name == "Query" || leads_away || another(owners.get(name.as_str())) {
                let field = field.make_mut();
                let ty = field.ty.clone();
                field.ty = if leads_away { nullable_throughout(ty) } else { ty.nullable() };
            }
        }
    }
    supergraph
}

/// The module that an entity belongs to: of those that know it by a key, the one that tells most of it.
fn owners(supergraph: &Schema) -> HashMap<String, String> {
    let objects = supergraph.types.iter().filter_map(|(name, definition)| Some((name, definition.as_object()?)));
    let owned = objects.filter_map(|(name, object)| {
        let keyed = object.directives.get_all("join__type").filter(|join| {
            join.specified_argument_by_name("key").is_some()
                && join.specified_argument_by_name("resolvable").is_none_or(|value| value.to_bool() != Some(false))
        });
        let mut told: BTreeMap<String, usize> = graphs(keyed.map(AsRef::as_ref)).into_iter().map(|g| (g, 0)).collect();
        for graph in object.fields.values().flat_map(graphs_of) {
            told.entry(graph).and_modify(|fields| *fields += 1);
        }
        let (owner, _) = told.into_iter().rev().max_by_key(|(_, fields)| *fields)?;
        Some((name.to_string(), owner))
    });
    owned.collect()
}

/// The modules that answer a field, as far as it says so.
fn graphs_of(field: &Component<FieldDefinition>) -> Vec<String> {
    let answering = field
        .directives
        .get_all("join__field")
        .filter(|join| join.specified_argument_by_name("external").is_none_or(|value| value.to_bool() != Some(true)));
    graphs(answering.map(AsRef::as_ref))
}

fn graphs<'a>(joins: impl Iterator<Item = &'a Directive>) -> Vec<String> {
    let graph = |join: &Directive| match join.specified_argument_by_name("graph")?.as_ref() {
        Value::Enum(graph) => Some(graph.to_string()),
        _ => None,
    };
    joins.filter_map(graph).collect()
}

fn nullable_throughout(ty: Type) -> Type {
    match ty {
        Type::List(inner) | Type::NonNullList(inner) => Type::List(Box::new(nullable_throughout(*inner))),
        named => named.nullable(),
    }
}
