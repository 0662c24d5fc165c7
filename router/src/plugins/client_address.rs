//! Where a request comes from: `X-Forwarded-For` on its way to the subgraphs, for limits on attempts to log in.
//!
//! What the client (or a balancer before the router) sent stands first, and the address that the router itself saw
//! last, so that a subgraph can tell what is proved from what is claimed. Operations over a WebSocket have the address
//! of the connection.
//!
//! The router's own limits count by one of these addresses: the one it saw, or, behind balancers, the one that the
//! outermost of them saw. How many balancers there are must be told, because anybody can claim any address before them.

use std::net::IpAddr;

use hive_router::async_trait;
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::hooks::on_subgraph_execute::{
    OnSubgraphExecuteStartHookPayload, OnSubgraphExecuteStartHookResult,
};
use hive_router::executor::plugin_context::PluginContext;
use hive_router::executor::plugin_trait::{RouterPlugin, StartHookPayload};
use hive_router::http::{HeaderName, HeaderValue};
use serde::Deserialize;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The plug-in with its setting.
pub(crate) struct ClientAddress {
    trusted_proxies: usize,
}

/// The setting as it stands in `router.yaml`; a text, because it may come from the environment.
#[derive(Deserialize)]
pub(crate) struct Settings {
    /// Balancers before the router, each of which adds the address that it saw.
    trusted_proxies: String,
}

/// The value of the header, kept for as long as the request or the connection lives.
struct Hops(HeaderValue);

/// The address by which the client is counted, kept as long.
struct Client(String);

/// By what the client of a request or of a connection is counted when nothing better is known of it.
pub(crate) fn of(context: &PluginContext) -> String {
    context.get_ref::<Client>().map_or_else(|| "unknown".to_owned(), |client| client.0.clone())
}

#[async_trait]
impl RouterPlugin for ClientAddress {
    type Config = Settings;

    fn plugin_name() -> &'static str {
        "client_address"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let text = payload.config()?.trusted_proxies;
        let trusted_proxies = text.parse().map_err(|_| format!("ROUTER_TRUSTED_PROXIES: {text} is not a number"))?;
        payload.initialize_plugin(Self { trusted_proxies })
    }

    fn on_http_request<'req>(&'req self, payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            let request = &payload.router_http_request;
            let claimed = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
            let seen = request.peer_addr().map(|peer| peer.ip().to_canonical().to_string());
            let hops: Vec<&str> = claimed.chain(seen.as_deref()).collect();
            payload.context.insert(Client(counted(&hops, self.trusted_proxies)));
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

/// The address among the hops that the outermost trusted balancer saw, or the router itself without one. Of an IPv6
/// address the network counts, because a household has as many addresses of it as it likes.
fn counted(hops: &[&str], trusted_proxies: usize) -> String {
    let hops: Vec<&str> = hops.iter().flat_map(|hop| hop.split(',')).map(str::trim).collect();
    let Some(hop) = hops.iter().rev().nth(trusted_proxies).or_else(|| hops.first()) else {
        return "unknown".to_owned();
    };
    match hop.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        // What is no address is no reason to be counted apart.
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_as_many_claims_count_as_there_are_balancers() {
        assert_eq!(counted(&["6.6.6.6, 7.7.7.7", "10.0.0.1"], 0), "10.0.0.1");
        assert_eq!(counted(&["6.6.6.6, 7.7.7.7", "10.0.0.1"], 1), "7.7.7.7");
        assert_eq!(counted(&["10.0.0.1"], 1), "10.0.0.1");
        assert_eq!(counted(&["x\" y", "10.0.0.1"], 1), "unknown");
        assert_eq!(counted(&[], 0), "unknown");
    }

    #[test]
    fn the_addresses_of_one_network_count_together() {
        assert_eq!(counted(&["2001:db8:1:2:aaaa::1"], 0), counted(&["2001:db8:1:2:bbbb::2"], 0));
        assert_ne!(counted(&["2001:db8:1:2::1"], 0), counted(&["2001:db8:1:3::1"], 0));
        assert_eq!(counted(&["::ffff:10.0.0.1"], 0), "10.0.0.1");
    }
}
