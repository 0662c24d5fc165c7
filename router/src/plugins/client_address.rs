//! Where a request comes from: `X-Forwarded-For` on its way to the subgraphs, for limits on attempts to log in.
//!
//! What the client (or a balancer before the router) sent stands first, and the address that the router itself saw
//! last, so that a subgraph can tell what is proved from what is claimed. Operations over a WebSocket have the address
//! of the connection.

use hive_router::async_trait;
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::hooks::on_subgraph_execute::{
    OnSubgraphExecuteStartHookPayload, OnSubgraphExecuteStartHookResult,
};
use hive_router::executor::plugin_trait::{RouterPlugin, StartHookPayload};
use hive_router::http::{HeaderName, HeaderValue};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The plug-in; it has no settings.
pub(crate) struct ClientAddress;

/// The value of the header, kept for as long as the request or the connection lives.
struct Hops(HeaderValue);

#[async_trait]
impl RouterPlugin for ClientAddress {
    type Config = ();

    fn plugin_name() -> &'static str {
        "client_address"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        payload.initialize_plugin(Self)
    }

    fn on_http_request<'req>(&'req self, payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let request = &payload.router_http_request;
            let claimed = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
            let seen = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string());
            let hops: Vec<&str> = claimed.chain(seen.as_deref()).collect();
            if let Ok(hops) = HeaderValue::try_from(hops.join(", ")) {
                payload.context.insert(Hops(hops));
            }
            payload.proceed()
        })
    }

    async fn on_subgraph_execute<'exec>(
        &'exec self,
        mut payload: OnSubgraphExecuteStartHookPayload<'exec>,
    ) -> OnSubgraphExecuteStartHookResult<'exec> {
        let hops = payload.context.get_ref::<Hops>().map(|hops| hops.0.clone());
        if let Some(hops) = hops {
            payload.execution_request.headers.insert(X_FORWARDED_FOR, hops);
        }
        payload.proceed()
    }
}
