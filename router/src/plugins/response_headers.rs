//! Headers that every answer has, whatever answered: they keep a browser from guessing types, a cache from keeping what
//! belongs to one viewer, and, where the router itself speaks TLS, a client from coming back without it.
//!
//! What an answer already says stays as it is; the playground has a policy of its own.

use hive_router::async_trait;
use hive_router::executor::hooks::on_http_request::{OnHttpRequestHookFuture, OnHttpRequestHookPayload};
use hive_router::executor::hooks::on_plugin_init::{OnPluginInitPayload, OnPluginInitResult};
use hive_router::executor::plugin_trait::{EndHookPayload, RouterPlugin, StartHookPayload};
use hive_router::ntex::http::header::{self, HeaderName, HeaderValue};

const USUAL: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Two years, as browsers' own lists ask for.
const TRANSPORT: (HeaderName, &str) = (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");

/// The plug-in; it has no settings of its own.
pub(crate) struct ResponseHeaders {
    tls: bool,
}

#[async_trait]
impl RouterPlugin for ResponseHeaders {
    type Config = ();

    fn plugin_name() -> &'static str {
        "response_headers"
    }

    fn on_plugin_init(payload: OnPluginInitPayload<'_, Self>) -> OnPluginInitResult<Self> {
        let tls = payload.router_config().traffic_shaping.router.tls.is_some();
        payload.initialize_plugin(Self { tls })
    }

    fn on_http_request<'req>(&'req self, payload: OnHttpRequestHookPayload<'req>) -> OnHttpRequestHookFuture<'req> {
        Box::pin(async move {
            payload.on_end(move |payload| {
                payload
                    .map_response(|mut response| {
                        let headers = response.headers_mut();
                        // Hive Router's answer to an origin that is not allowed. A page in a sandbox has the origin
                        // `null`, and to it this would be a permission.
                        if headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_some_and(|origin| origin == "null") {
                            headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
                        }
                        for (name, value) in USUAL.into_iter().chain(self.tls.then_some(TRANSPORT)) {
                            if !headers.contains_key(&name) {
                                headers.insert(name, HeaderValue::from_static(value));
                            }
                        }
                        response
                    })
                    .proceed()
            })
        })
    }
}
