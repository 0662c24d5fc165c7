//! What an operation may cost at most, known before anything is fetched for it.
//!
//! Every object costs one, every mutation ten, a scalar nothing; `weights` in `router.yaml` names what costs more. What
//! stands below a list counts as often as the list is long: as its argument `first` asks, by the page size when it is
//! left out, by an assumed length when a list takes no `first`. So nested pages multiply, which is the point.

use std::collections::HashMap;

use hive_router::graphql_tools::static_graphql::schema::{Definition, Document, Field, Type, TypeDefinition};
use hive_router::query_planner::ast::operation::OperationDefinition;
use hive_router::query_planner::ast::selection_item::SelectionItem;
use hive_router::query_planner::ast::selection_set::{FieldSelection, SelectionSet};
use hive_router::query_planner::ast::value::Value;
use hive_router::query_planner::state::supergraph_state::OperationKind;
use hive_router::sonic_rs::{self, JsonValueTrait};

/// Entries of a page when `first` is left out, and the most that one has.
const PAGE: u64 = 20;
const LONGEST_PAGE: u64 = 100;
/// Entries of a list that takes no `first`: images of a product, lines of an order.
const LIST: u64 = 5;
const OBJECT: u64 = 1;
const MUTATION: u64 = 10;

/// The values of an operation's variables.
pub(super) type Variables = HashMap<String, sonic_rs::Value>;

/// What is to be known of every field to tell its cost.
#[derive(Default)]
pub(super) struct Costs {
    types: HashMap<String, HashMap<String, Known>>,
}

struct Known {
    weight: u64,
    /// The named type of its value.
    of: String,
    list: bool,
    /// It takes `first`.
    paged: bool,
}

impl Costs {
    /// Reads the fields of a schema. `weights` are by `Type.field`.
    pub(super) fn of_schema(schema: &Document, weights: &HashMap<String, u64>) -> Self {
        let mut composite: HashMap<&str, &[Field]> = HashMap::new();
        let mut unions: Vec<&str> = Vec::new();
        for definition in &schema.definitions {
            match definition {
                Definition::TypeDefinition(TypeDefinition::Object(object)) => {
                    composite.insert(&object.name, &object.fields);
                }
                Definition::TypeDefinition(TypeDefinition::Interface(interface)) => {
                    composite.insert(&interface.name, &interface.fields);
                }
                Definition::TypeDefinition(TypeDefinition::Union(union)) => unions.push(&union.name),
                _ => {}
            }
        }
        let known = |parent: &str, field: &Field| {
            let (of, list) = named(&field.field_type);
            let object = composite.contains_key(of) || unions.contains(&of);
            let usual = match parent {
                "Mutation" => MUTATION,
                _ if object => OBJECT,
                _ => 0,
            };
            let weight = weights.get(&format!("{parent}.{}", field.name)).copied().unwrap_or(usual);
            let paged = field.arguments.iter().any(|argument| argument.name == "first");
            (field.name.clone(), Known { weight, of: of.to_owned(), list, paged })
        };
        let types = composite.iter().map(|(parent, fields)| {
            ((*parent).to_owned(), fields.iter().map(|field| known(parent, field)).collect::<HashMap<_, _>>())
        });
        Self { types: types.collect() }
    }

    /// The most that an operation may cost.
    pub(super) fn of(&self, operation: &OperationDefinition, variables: Option<&Variables>) -> u64 {
        let root = match operation.operation_kind {
            None | Some(OperationKind::Query) => "Query",
            Some(OperationKind::Mutation) => "Mutation",
            Some(OperationKind::Subscription) => "Subscription",
        };
        self.of_set(&operation.selection_set, root, None, variables)
    }

    /// `page` is how many entries the connection has in which the set stands.
    fn of_set(&self, set: &SelectionSet, parent: &str, page: Option<u64>, variables: Option<&Variables>) -> u64 {
        set.items.iter().fold(0, |sum, item| {
            let more = match item {
                SelectionItem::Field(field) => self.of_field(field, parent, page, variables),
                SelectionItem::InlineFragment(fragment) => {
                    self.of_set(&fragment.selections, &fragment.type_condition, page, variables)
                }
                // A normalized operation has none.
                SelectionItem::FragmentSpread(_) => 0,
            };
            sum.saturating_add(more)
        })
    }

    fn of_field(&self, field: &FieldSelection, parent: &str, page: Option<u64>, variables: Option<&Variables>) -> u64 {
        let Some(known) = self.types.get(parent).and_then(|fields| fields.get(&field.name)) else { return 0 };
        let first = known.paged.then(|| first(field, variables));
        let length = match (known.list, first, page) {
            (false, ..) => 1,
            (true, Some(first), _) => first,
            (true, None, Some(page)) => page,
            (true, None, None) => LIST,
        };
        // A connection hands its length on to the lists directly in it, and to nothing below them.
        let handed_on = if known.list { None } else { first };
        let below = self.of_set(&field.selections, &known.of, handed_on, variables);
        known.weight.saturating_add(below).saturating_mul(length)
    }
}

fn named(of: &Type) -> (&str, bool) {
    match of {
        Type::NamedType(name) => (name, false),
        Type::NonNullType(inner) => named(inner),
        Type::ListType(inner) => (named(inner).0, true),
    }
}

fn first(field: &FieldSelection, variables: Option<&Variables>) -> u64 {
    let asked = match field.arguments.as_ref().and_then(|arguments| arguments.get_argument("first")) {
        Some(Value::Int(first)) => Some(*first),
        Some(Value::Variable(name)) => match variables {
            Some(variables) => variables.get(name).and_then(JsonValueTrait::as_i64),
            // Where the variables are not known, the longest that may be asked.
            None => return LONGEST_PAGE,
        },
        _ => None,
    };
    asked.map_or(PAGE, |first| u64::try_from(first).unwrap_or(0).clamp(1, LONGEST_PAGE))
}

#[cfg(test)]
mod tests {
    use hive_router::query_planner::utils::parsing::{parse_operation, parse_schema};

    use super::*;

    const SCHEMA: &str = "
        type Query { me: Account shop(id: ID!): Account products(first: Int, after: String): ProductConnection! }
        type Mutation { rename(name: String!): Account }
        type Account { id: ID! orders(first: Int): [Order!]! }
        type Order { id: ID! items: [Item!]! }
        type Item { id: ID! product: Product }
        type Product { id: ID! name: String! images: [Image!]! tags: [String!]! similar(first: Int): ProductConnection! }
        type Image { url: String! }
        type ProductConnection { totalCount: Int edges: [ProductEdge!]! nodes: [Product!]! }
        type ProductEdge { cursor: String! node: Product! }
    ";

    fn cost(query: &str, variables: Option<&Variables>) -> u64 {
        let weights = HashMap::from([("Query.shop".to_owned(), 7)]);
        let costs = Costs::of_schema(&parse_schema(SCHEMA), &weights);
        let document = parse_operation(query);
        let operation = document.definitions.iter().find_map(|definition| match definition {
            hive_router::graphql_tools::parser::query::Definition::Operation(operation) => Some(operation.clone()),
            hive_router::graphql_tools::parser::query::Definition::Fragment(_) => None,
        });
        costs.of(&OperationDefinition::from(operation.expect("an operation")), variables)
    }

    #[test]
    fn objects_cost_and_scalars_do_not() {
        assert_eq!(cost("{ me { id } }", None), 1);
        assert_eq!(cost("mutation { rename(name: \"x\") { id } }", None), 10);
        assert_eq!(cost("{ a: me { id } b: me { id } }", None), 2);
        assert_eq!(cost("{ shop(id: 1) { id } }", None), 7);
    }

    #[test]
    fn a_page_multiplies_what_stands_in_it() {
        // A connection, ten edges and ten nodes.
        assert_eq!(cost("{ products(first: 10) { edges { node { id } } } }", None), 21);
        assert_eq!(cost("{ products { edges { node { id } } } }", None), 41);
        assert_eq!(cost("{ products(first: 10) { nodes { images { url } tags } } }", None), 1 + 10 * (1 + 5));
        assert_eq!(cost("{ me { orders(first: 3) { items { id } } } }", None), 1 + 3 * (1 + 5));
    }

    #[test]
    fn nested_pages_multiply() {
        let query = "{ products(first: 100) { nodes { similar(first: 100) { nodes { id } } } } }";
        assert_eq!(cost(query, None), 1 + 100 * (1 + 1 + 100));
    }

    #[test]
    fn a_variable_counts_by_its_value() {
        let query = "query($n: Int) { products(first: $n) { nodes { id } } }";
        let variables = |n: i64| Variables::from([("n".to_owned(), sonic_rs::Value::from(n))]);
        assert_eq!(cost(query, Some(&variables(7))), 8);
        assert_eq!(cost(query, Some(&variables(1_000_000))), 101, "more than a page is refused anyway");
        assert_eq!(cost(query, Some(&Variables::new())), 21);
        assert_eq!(cost(query, None), 101);
    }
}
