//! Levels of the log, which can be changed while the process runs.
//!
//! `GET /log-level` tells the directives in force, `PUT /log-level` replaces them by those of its body, as in
//! `info,order=debug`. Whoever asks holds `OPERATOR_TOKEN` as a bearer token; where none is configured, only the machine
//! itself may ask. A change lasts until the process ends.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{
    Extension, Json, Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use tracing_subscriber::{EnvFilter, Registry, reload};

/// The longest list of directives that is read.
const LONGEST: usize = 1_000;

/// The filter of the log as it is now.
static LOG_FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();
/// The directives as they were given last.
static IN_FORCE: Mutex<Option<String>> = Mutex::new(None);

/// A filter of these directives, and of what must always pass.
pub(super) fn filter(directives: &str) -> EnvFilter {
    completed(EnvFilter::new(directives))
}

/// The replay filter works by a span of the SDK at level INFO, which therefore must stay on.
pub(super) fn completed(filter: EnvFilter) -> EnvFilter {
    filter.add_directive("restate_sdk=info".parse().expect("the literal is a directive"))
}

/// Makes the filter of the log one that can be replaced.
pub(super) fn changeable(filter: EnvFilter) -> reload::Layer<EnvFilter, Registry> {
    let (layer, handle) = reload::Layer::new(filter);
    // A second start of telemetry in one process fails later on, when the subscriber is set.
    let _ = LOG_FILTER.set(handle);
    layer
}

/// Replaces the levels of the log.
///
/// # Errors
/// The directives do not parse, or there is no log to filter; the text says which.
pub fn change(directives: &str) -> Result<(), String> {
    if directives.is_empty() || directives.len() > LONGEST {
        return Err(format!("the directives have between 1 and {LONGEST} characters"));
    }
    let wanted = EnvFilter::try_new(directives).map_err(|error| format!("the directives do not parse: {error}"))?;
    let handle = LOG_FILTER.get().ok_or("this process keeps no log")?;
    handle.reload(completed(wanted)).map_err(|_| "this process keeps no log")?;
    *IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner) = Some(directives.to_owned());
    Ok(())
}

fn in_force() -> String {
    let given = IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let started = || LOG_FILTER.get().and_then(|handle| handle.with_current(ToString::to_string).ok());
    given.or_else(started).unwrap_or_default()
}

/// The route by which an operator changes the levels.
pub(crate) fn route(operator_token: Option<SecretString>) -> Router {
    Router::new().route("/log-level", get(tell).put(replace)).with_state(Guard(operator_token.map(Arc::new)))
}

/// Who may change how a process works.
#[derive(Clone)]
struct Guard(Option<Arc<SecretString>>);

impl Guard {
    fn lets_in(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let Some(token) = &self.0 else {
            return peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        // Digests, so that how long the comparison takes tells nothing of the token.
        Sha256::digest(given) == Sha256::digest(token.expose_secret())
    }
}

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

async fn tell(State(guard): State<Guard>, peer: Peer, headers: HeaderMap) -> Response {
    if !guard.lets_in(peer.map(|Extension(ConnectInfo(peer))| peer), &headers) {
        return refused();
    }
    Json(json!({ "levels": in_force() })).into_response()
}

async fn replace(State(guard): State<Guard>, peer: Peer, headers: HeaderMap, directives: String) -> Response {
    if !guard.lets_in(peer.map(|Extension(ConnectInfo(peer))| peer), &headers) {
        return refused();
    }
    match change(directives.trim()) {
        Ok(()) => {
            tracing::info!(levels = in_force(), "the levels of the log were changed");
            Json(json!({ "levels": in_force() })).into_response()
        }
        Err(reason) => (StatusCode::BAD_REQUEST, Json(json!({ "error": reason }))).into_response(),
    }
}

fn refused() -> Response {
    (StatusCode::FORBIDDEN, Json(json!({ "error": "an operator's token is needed" }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(token: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())])
    }

    #[test]
    fn only_operators_are_let_in() {
        let (here, elsewhere) = (Some("127.0.0.1:9".parse().unwrap()), Some("10.0.0.4:9".parse().unwrap()));
        let by_place = Guard(None);
        assert!(by_place.lets_in(here, &HeaderMap::new()));
        assert!(!by_place.lets_in(elsewhere, &HeaderMap::new()));
        assert!(!by_place.lets_in(None, &HeaderMap::new()));
        let by_token = Guard(Some(Arc::new(SecretString::from("s3cret".to_owned()))));
        assert!(by_token.lets_in(elsewhere, &bearer("s3cret")));
        assert!(!by_token.lets_in(here, &bearer("s3cre")), "a token is asked of the machine itself as well");
        assert!(!by_token.lets_in(here, &HeaderMap::new()));
    }

    #[test]
    fn directives_that_do_not_parse_are_refused_with_a_reason() {
        assert!(change("order=loud").unwrap_err().contains("do not parse"));
        assert!(change("").unwrap_err().contains("between 1 and"));
    }
}
