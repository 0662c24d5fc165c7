//! The shape of errors at the edge: a subgraph's own words pass, infrastructure does not.
//!
//! Hive Router's masking replaces the message of every error that carries a service name. Errors
//! that a subgraph wrote for its users are meant to be read, so this plug-in takes the name off
//! them. Those that the router wrote about a subgraph (refused connections, time-outs, an open circuit breaker,
//! malformed answers, with addresses in them) become one `UNAVAILABLE` error that names the module whose fields are
//! missing. Events of a subscription do not pass through plug-ins: there masking alone applies.

use hive_router::GraphQLError;
use hive_router::async_trait;
use hive_router::executor::hooks::on_graphql_error::{OnGraphQLErrorHookPayload, OnGraphQLErrorHookResult};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::plugin_trait::RouterPlugin;
use hive_router::sonic_rs::Value;

/// How the codes begin that Hive Router gives to what went wrong between it and a subgraph.
const FAULTS: [&str; 5] = ["SUBGRAPH_", "SUBREQUEST_", "WS_", "PROJECTION_", "HEADER_PROPAGATION_"];

/// The same words as `error_masking.redacted_error_message` in `router.yaml`.
const UNAVAILABLE: &str = "The service is unavailable at the moment. Try again.";

/// The plug-in; it has no settings.
pub(crate) struct Errors;

#[async_trait]
impl RouterPlugin for Errors {
    type Config = ();

    fn plugin_name() -> &'static str {
        "errors"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        payload.initialize_plugin(Self)
    }

    fn on_graphql_error<'req>(
        &'req self,
        mut payload: OnGraphQLErrorHookPayload<'req>,
    ) -> OnGraphQLErrorHookResult<'req> {
        shape(&mut payload.error);
        payload.proceed()
    }
}

fn shape(error: &mut GraphQLError) {
    let extensions = &mut error.extensions;
    let code = extensions.code.as_deref().unwrap_or_default();
    if FAULTS.iter().any(|fault| code.starts_with(fault)) {
        UNAVAILABLE.clone_into(&mut error.message);
        extensions.code = Some("UNAVAILABLE".to_owned());
        extensions.extensions.remove("http");
        if let Some(module) = &extensions.service_name {
            extensions.extensions.insert("module".to_owned(), Value::from(module.as_str()));
        }
    } else if extensions.service_name.is_none() && code.contains(char::is_lowercase) {
        // Validation names its rule here; the same mistake over WebSocket has the usual code.
        extensions.code = Some("GRAPHQL_VALIDATION_FAILED".to_owned());
    }
    extensions.service_name = None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subgraphs_own_words_pass() {
        let mut error =
            GraphQLError::from_message_and_code("Log in first", "UNAUTHENTICATED").add_subgraph_name("order");
        shape(&mut error);
        assert_eq!(error.message, "Log in first");
        assert_eq!(error.extensions.code.as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(error.extensions.service_name, None);
    }

    #[test]
    fn an_address_does_not() {
        let message = "Failed to send request to subgraph: 10.0.0.7:4107 refused";
        let mut error =
            GraphQLError::from_message_and_code(message, "SUBREQUEST_HTTP_ERROR").add_subgraph_name("order");
        shape(&mut error);
        assert_eq!(error.message, UNAVAILABLE);
        assert_eq!(error.extensions.code.as_deref(), Some("UNAVAILABLE"));
        assert_eq!(error.extensions.get("module"), Some(&Value::from("order")));
    }

    #[test]
    fn a_broken_rule_is_a_failed_validation() {
        let mut error = GraphQLError::from_message_and_code("Cannot query field", "FieldsOnCorrectType");
        shape(&mut error);
        assert_eq!(error.extensions.code.as_deref(), Some("GRAPHQL_VALIDATION_FAILED"));
    }
}
