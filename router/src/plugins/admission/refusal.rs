//! The answers with which an operation is refused at the edge.

use std::time::Duration;

use hive_router::executor::plugin_trait::FromGraphQLErrorToResponse;
use hive_router::http::StatusCode;
use hive_router::sonic_rs::{Value, json};
use hive_router::{GraphQLError, PlanExecutionOutput};

use crate::plugins::request_id;

/// Too much within a time: a limit of the marketplace, and when to try again.
pub(super) fn rate_limited(limit: &str, retry_after: Duration) -> PlanExecutionOutput {
    let seconds = seconds(retry_after);
    let error = error(&format!("Too many requests. Try again in {seconds} seconds."), "RATE_LIMITED");
    answer(with(with(error, "retryAfterSeconds", json!(seconds)), "limit", json!(limit)), StatusCode::TOO_MANY_REQUESTS)
}

/// More than one operation may cost.
pub(super) fn too_costly(cost: u64, most: u64) -> PlanExecutionOutput {
    let message = format!("The operation may cost {cost}; the limit is {most}. Ask for less at once.");
    let cost = json!({ "estimated": cost, "limit": most });
    answer(with(error(&message, "COST_LIMIT_EXCEEDED"), "cost", cost), StatusCode::BAD_REQUEST)
}

/// Introspection by somebody who is no admin.
pub(super) fn no_introspection() -> PlanExecutionOutput {
    answer(error("Introspection is for admins.", "FORBIDDEN"), StatusCode::FORBIDDEN)
}

/// Whole seconds after which it is worth trying again.
pub(super) fn seconds(retry_after: Duration) -> u64 {
    u64::try_from(retry_after.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
}

fn error(message: &str, code: &str) -> GraphQLError {
    let error = GraphQLError::from_message_and_code(message, code);
    match request_id::current() {
        Some(id) => with(error, "requestId", Value::from(id.as_str())),
        None => error,
    }
}

fn with(mut error: GraphQLError, name: &str, value: Value) -> GraphQLError {
    error.extensions.set(name.to_owned(), value);
    error
}

fn answer(error: GraphQLError, status: StatusCode) -> PlanExecutionOutput {
    PlanExecutionOutput::from_graphql_error_to_response(error, status)
}
