//! How large an operation is once its fragments are put in place.
//!
//! Hive Router limits tokens, depth, aliases and directives of what was written. A few short fragments that spread one
//! another stand for millions of fields, and everything after parsing would work through them. This plug-in counts
//! them without writing them out, before the operation is validated.
//!
//! And it looks at how deep brackets are nested before anything is parsed at all, in the body and in the document: the
//! work of their parsers grows so fast with it that a few kilobytes of opening braces keep a processor busy for a
//! minute, long before the depth is judged.

use std::collections::HashMap;
use std::sync::Arc;

use hive_router::GraphQLError;
use hive_router::async_trait;
use hive_router::executor::hooks::on_graphql_params::{
    OnGraphQLParamsStartHookPayload, OnGraphQLParamsStartHookResult,
};
use hive_router::executor::hooks::on_graphql_validation::{
    OnGraphQLValidationStartHookPayload, OnGraphQLValidationStartHookResult,
};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::plugin_trait::{EndHookPayload, RouterPlugin, StartHookPayload};
use hive_router::graphql_tools::static_graphql::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use hive_router::graphql_tools::validation::utils::ValidationError;
use hive_router::http::StatusCode;
use hive_router::sonic_rs::Value;
use serde::Deserialize;

use crate::plugins::request_id;

/// The plug-in with its limits.
pub(crate) struct OperationSize {
    max_fields: u64,
    max_nesting: u64,
}

/// The settings as they stand in `router.yaml`; texts, because they may come from the environment.
#[derive(Deserialize)]
pub(crate) struct Settings {
    max_fields: String,
    max_nesting: String,
}

#[async_trait]
impl RouterPlugin for OperationSize {
    type Config = Settings;

    fn plugin_name() -> &'static str {
        "operation_size"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let settings = payload.config()?;
        let number =
            |variable: &str, text: &str| text.parse::<u64>().map_err(|_| format!("{variable}: {text} is not a number"));
        let max_fields = number("ROUTER_MAX_FIELDS", &settings.max_fields)?;
        let max_nesting = number("ROUTER_MAX_NESTING", &settings.max_nesting)?;
        payload.initialize_plugin(Self { max_fields, max_nesting })
    }

    async fn on_graphql_params<'exec>(
        &'exec self,
        payload: OnGraphQLParamsStartHookPayload<'exec>,
    ) -> OnGraphQLParamsStartHookResult<'exec> {
        if let Some(error) = self.too_deep("request", nesting_of(&payload.body)) {
            return payload.end_with_graphql_error(error, StatusCode::BAD_REQUEST);
        }
        payload.on_end(|payload| {
            let document = payload.graphql_params.query.as_deref().unwrap_or_default();
            match self.too_deep("operation", nesting_of(document.as_bytes())) {
                Some(error) => payload.end_with_graphql_error(error, StatusCode::BAD_REQUEST),
                None => payload.proceed(),
            }
        })
    }

    async fn on_graphql_validation<'exec>(
        &'exec self,
        mut payload: OnGraphQLValidationStartHookPayload<'exec>,
    ) -> OnGraphQLValidationStartHookResult<'exec> {
        let fields = fields_of(&payload.document);
        if fields > self.max_fields {
            let refusal = ValidationError {
                locations: vec![],
                message: format!("The operation has {fields} fields; the limit is {}.", self.max_fields),
                error_code: "MAX_FIELDS_EXCEEDED",
            };
            payload.errors = Some(Arc::new(vec![refusal]));
        }
        payload.proceed()
    }
}

impl OperationSize {
    fn too_deep(&self, what: &str, nesting: u64) -> Option<GraphQLError> {
        if nesting <= self.max_nesting {
            return None;
        }
        let message = format!("The {what} is nested {nesting} deep; the limit is {}.", self.max_nesting);
        let mut error = GraphQLError::from_message_and_code(message, "MAX_DEPTH_EXCEEDED");
        if let Some(id) = request_id::current() {
            error.extensions.set("requestId".to_owned(), Value::from(id.as_str()));
        }
        Some(error)
    }
}

/// How deep brackets are nested, in GraphQL or in JSON. Strings and comments hold none. What looks like a comment or a
/// block string in JSON is where its parser stops.
fn nesting_of(bytes: &[u8]) -> u64 {
    let (mut at, mut depth, mut deepest) = (0, 0_u64, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at += bytes[at..].iter().take_while(|byte| !b"\r\n".contains(byte)).count(),
            b'"' => at = end_of_string(bytes, at),
            _ => {}
        }
        at += 1;
    }
    deepest
}

/// The last byte of the string that begins here, or of the document.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if block { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if !block => at += 1,
            b'\\' if bytes[at..].starts_with(b"\\\"\"\"") => at += 3,
            b'"' if block && bytes[at..].starts_with(b"\"\"\"") => return at + 2,
            b'"' if !block => return at,
            // Such a string is not closed, and what follows is not inside it.
            b'\n' if !block => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// How many fields the operations of a document have with every fragment in its place.
fn fields_of(document: &Document) -> u64 {
    let mut counter = Counter { fragments: HashMap::new(), counted: HashMap::new() };
    let mut operations = Vec::new();
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => _ = counter.fragments.insert(&fragment.name, fragment),
            Definition::Operation(operation) => operations.push(match operation {
                OperationDefinition::SelectionSet(set) => set,
                OperationDefinition::Query(query) => &query.selection_set,
                OperationDefinition::Mutation(mutation) => &mutation.selection_set,
                OperationDefinition::Subscription(subscription) => &subscription.selection_set,
            }),
        }
    }
    operations.into_iter().fold(0, |sum, set| counter.count(set).saturating_add(sum))
}

struct Counter<'doc> {
    fragments: HashMap<&'doc str, &'doc FragmentDefinition>,
    /// `None` while a fragment is being counted: one that spreads itself is for the validation to refuse.
    counted: HashMap<&'doc str, Option<u64>>,
}

impl<'doc> Counter<'doc> {
    fn count(&mut self, set: &'doc SelectionSet) -> u64 {
        set.items.iter().fold(0, |sum, selection| {
            let more = match selection {
                Selection::Field(field) => self.count(&field.selection_set).saturating_add(1),
                Selection::InlineFragment(fragment) => self.count(&fragment.selection_set),
                Selection::FragmentSpread(spread) => self.count_fragment(&spread.fragment_name),
            };
            sum.saturating_add(more)
        })
    }

    fn count_fragment(&mut self, name: &'doc str) -> u64 {
        if let Some(counted) = self.counted.get(name) {
            return counted.unwrap_or(0);
        }
        let Some(fragment) = self.fragments.get(name).copied() else { return 0 };
        self.counted.insert(name, None);
        let fields = self.count(&fragment.selection_set);
        self.counted.insert(name, Some(fields));
        fields
    }
}

#[cfg(test)]
mod tests {
    use hive_router::query_planner::utils::parsing::parse_operation;

    use super::*;

    fn fields(query: &str) -> u64 {
        fields_of(&parse_operation(query))
    }

    #[test]
    fn fragments_count_wherever_they_are_spread() {
        assert_eq!(fields("{ a b { c } ... { d } }"), 4);
        assert_eq!(fields("{ a { ...F } b { ...F } } fragment F on T { c d }"), 6);
    }

    #[test]
    fn doubling_fragments_are_counted_without_being_written_out() {
        let bomb: String =
            (0..90).map(|n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1)).collect();
        assert_eq!(fields(&format!("{{ ...F0 }} {bomb} fragment F90 on Query {{ a }}")), u64::MAX);
    }

    #[test]
    fn brackets_nest_outside_strings_and_comments() {
        assert_eq!(nesting_of(b"{ a(b: [1, [2]]) { c } }"), 4);
        assert_eq!(nesting_of(b"{ a(b: \"{{{{\") } # {{{{{\n{{"), 2);
        assert_eq!(nesting_of(b"{ a(b: \"\\\"{{{\") }"), 2);
        assert_eq!(nesting_of(b"{ a(b: \"\"\"{{ \\\"\"\" {{{\"\"\") }"), 2);
        assert_eq!(nesting_of(b"{ a(b: \"unclosed\n{{{"), 5);
        assert_eq!(nesting_of(b"\"\"\""), 0);
        assert_eq!(nesting_of(b"}}}{"), 1);
    }

    #[test]
    fn a_fragment_that_spreads_itself_ends() {
        assert_eq!(fields("{ ...F } fragment F on Query { a ...G } fragment G on Query { b ...F }"), 2);
    }
}
