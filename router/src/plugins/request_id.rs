//! One id for one request: in the router's log lines, in every subgraph's, and in the answer.
//!
//! Hive Router takes `x-request-id` from the client, or draws one when it is missing or not fit for
//! a log. This plug-in passes that id on. A subscription over WebSocket is the exception: what it
//! sends to the subgraph is fixed before any plug-in runs, so there the subgraph sees the client's
//! own id from `connection_init` or `extensions.headers`, or none and draws its own.

use hive_router::async_trait;
use hive_router::executor::hooks::on_graphql_error::{OnGraphQLErrorHookPayload, OnGraphQLErrorHookResult};
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::hooks::on_subgraph_execute::{
    OnSubgraphExecuteStartHookPayload, OnSubgraphExecuteStartHookResult,
};
use hive_router::executor::plugin_trait::{EndHookPayload, RouterPlugin, StartHookPayload};
use hive_router::http::HeaderName;
use hive_router::sonic_rs::Value;
use hive_router::telemetry::logging::request_id::REQUEST_IDENTIFIERS;
use hive_router::{http, ntex};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The plug-in; it has no settings.
pub(crate) struct RequestId;

#[async_trait]
impl RouterPlugin for RequestId {
    type Config = ();

    fn plugin_name() -> &'static str {
        "request_id"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        payload.initialize_plugin(Self)
    }

    fn on_http_request<'req>(&'req self, mut payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let Some(id) = current().and_then(|id| ntex::http::header::HeaderValue::try_from(id).ok()) else {
                return payload.proceed();
            };
            payload.router_http_request.headers_mut().insert(X_REQUEST_ID, id.clone());
            payload.on_end(move |payload| {
                payload
                    .map_response(|mut response| {
                        response.headers_mut().insert(X_REQUEST_ID, id);
                        response
                    })
                    .proceed()
            })
        })
    }

    async fn on_subgraph_execute<'exec>(
        &'exec self,
        mut payload: OnSubgraphExecuteStartHookPayload<'exec>,
    ) -> OnSubgraphExecuteStartHookResult<'exec> {
        if let Some(id) = current().and_then(|id| http::HeaderValue::try_from(id).ok()) {
            payload.execution_request.headers.insert(X_REQUEST_ID, id);
        }
        payload.proceed()
    }

    fn on_graphql_error<'req>(
        &'req self,
        mut payload: OnGraphQLErrorHookPayload<'req>,
    ) -> OnGraphQLErrorHookResult<'req> {
        let extensions = &mut payload.error.extensions;
        if let (None, Some(id)) = (extensions.get("requestId"), current()) {
            extensions.set("requestId".to_owned(), Value::from(id.as_str()));
        }
        payload.proceed()
    }
}

/// The id of the request that the current task serves.
pub(crate) fn current() -> Option<String> {
    REQUEST_IDENTIFIERS.try_with(|identifiers| identifiers.req_id().to_owned()).ok()
}
