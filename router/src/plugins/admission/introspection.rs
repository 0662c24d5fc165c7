//! Whether an operation asks for the schema.

use hive_router::graphql_tools::static_graphql::query::{Definition, OperationDefinition, Selection, SelectionSet};
use hive_router::query_planner::utils::parsing::safe_parse_operation;

/// Whether a valid document selects `__schema` or `__type`, in an operation or in a fragment of it.
pub(super) fn asks_for_the_schema(document: &str) -> bool {
    // Nearly every document says neither, and need not be read again.
    if !document.contains("__schema") && !document.contains("__type") {
        return false;
    }
    // It has been parsed before; should it not parse here, the stricter answer is the right one.
    let Ok(document) = safe_parse_operation(document) else { return true };
    document.definitions.iter().any(|definition| match definition {
        Definition::Fragment(fragment) => selects(&fragment.selection_set),
        Definition::Operation(OperationDefinition::SelectionSet(set)) => selects(set),
        Definition::Operation(OperationDefinition::Query(query)) => selects(&query.selection_set),
        Definition::Operation(OperationDefinition::Mutation(mutation)) => selects(&mutation.selection_set),
        Definition::Operation(OperationDefinition::Subscription(subscription)) => selects(&subscription.selection_set),
    })
}

fn selects(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match selection {
        Selection::Field(field) => field.name == "__schema" || field.name == "__type" || selects(&field.selection_set),
        Selection::InlineFragment(fragment) => selects(&fragment.selection_set),
        Selection::FragmentSpread(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_asked_for_by_its_two_fields() {
        for query in [
            "{ __schema { types { name } } }",
            "query Q { a: __type(name: \"Account\") { name } }",
            "{ ... on Query { ...F } } fragment F on Query { __schema { types { name } } }",
        ] {
            assert!(asks_for_the_schema(query), "{query}");
        }
        for query in
            ["{ me { __typename } }", "{ searchProducts(query: \"__schema\") { totalCount } }", "{ me { id } }"]
        {
            assert!(!asks_for_the_schema(query), "{query}");
        }
    }
}
