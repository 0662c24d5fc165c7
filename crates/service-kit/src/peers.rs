//! Reads of other modules, straight over HTTP.
//!
//! `POST /reads/<name>` with a JSON body asks a module one of the questions of [`contracts`]. It is for modules alone:
//! whoever asks shows a token that is derived from the secret that the modules of an installation share. Anybody else
//! gets 401.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::post,
};
use contracts::Read;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::{
    Error, Result,
    config::{Config, ConfigError, ModuleName, role_password},
    telemetry,
};

/// How long an answer is waited for: less than a router waits for a module, so that the caller does not look dead.
const PATIENCE: Duration = Duration::from_secs(5);

/// The other modules, to be asked.
#[derive(Clone)]
pub struct Peers {
    http: reqwest::Client,
    config: Arc<Config>,
    authorization: HeaderValue,
}

impl Peers {
    pub(crate) fn new(http: reqwest::Client, config: Arc<Config>) -> Self {
        let authorization = authorization(&config);
        Self { http, config, authorization }
    }

    /// Asks another module.
    ///
    /// # Errors
    /// The module is away, or it failed.
    pub async fn read<Input, Output>(&self, read: &Read<Input, Output>, input: &Input) -> Result<Output>
    where
        Input: Serialize,
        Output: DeserializeOwned,
    {
        let doing = || format!("asking {} for {}", read.module(), read.name());
        let module: ModuleName = read.module().parse().map_err(|error| Error::internal(doing(), error))?;
        let origin = self.config.peer(module).map_err(|error| Error::internal(doing(), error))?;
        let mut request = self.http.post(format!("{origin}/reads/{}", read.name())).timeout(PATIENCE);
        for (name, value) in telemetry::trace_headers() {
            request = request.header(name, value);
        }
        let request = request.header(header::AUTHORIZATION, self.authorization.clone()).json(input);
        let answer = request.send().await.map_err(|error| Error::unavailable(doing(), error))?;
        match answer.error_for_status_ref() {
            Ok(_) => answer.json().await.map_err(|error| Error::unavailable(doing(), error)),
            Err(error) if answer.status() == StatusCode::SERVICE_UNAVAILABLE => Err(Error::unavailable(doing(), error)),
            Err(error) => Err(Error::internal(doing(), error)),
        }
    }
}

/// What modules show each other. It gives away neither the secret nor the password of a database role.
fn authorization(config: &Config) -> HeaderValue {
    let token = role_password(&config.role_secret, "reads");
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).expect("a digest in hexadecimal is text");
    value.set_sensitive(true);
    value
}

/// The route by which a module answers a question, behind its guard.
pub(crate) fn route<Input, Output, F, Fut>(config: &Config, read: &Read<Input, Output>, answer: F) -> Router
where
    Input: DeserializeOwned + Send + 'static,
    Output: Serialize,
    F: Fn(Input) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Output>> + Send + 'static,
{
    let name = read.name();
    let handler = async move |headers: HeaderMap, body: Bytes| {
        let Ok(input) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
        let span = tracing::info_span!("read", name);
        telemetry::continue_trace(&span, &headers);
        match answer(input).instrument(span).await {
            Ok(output) => Json(output).into_response(),
            Err(Error::Unavailable(fault)) => failed(name, StatusCode::SERVICE_UNAVAILABLE, &fault),
            Err(error) => failed(name, StatusCode::INTERNAL_SERVER_ERROR, &error),
        }
    };
    let guard = middleware::from_fn_with_state(Arc::new(authorization(config)), guard);
    Router::new().route(&format!("/reads/{name}"), post(handler)).route_layer(guard)
}

fn failed(name: &str, status: StatusCode, error: &dyn std::fmt::Debug) -> Response {
    tracing::error!(?error, name, "a read of another module failed");
    status.into_response()
}

async fn guard(State(token): State<Arc<HeaderValue>>, request: Request, next: Next) -> Response {
    // Digests are compared, so that the time it takes says nothing about the token.
    let digest = |value: &HeaderValue| Sha256::digest(value.as_bytes());
    match request.headers().get(header::AUTHORIZATION) {
        Some(shown) if digest(shown) == digest(&token) => next.run(request).await,
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

impl Config {
    /// Where another module answers its peers: `MODULE_URL_<MODULE>`, or where it listens.
    fn peer(&self, module: ModuleName) -> Result<String, ConfigError> {
        let variable = module.variable("MODULE_URL");
        match self.setting(&variable) {
            Some(url) => Ok(url.trim_end_matches('/').to_owned()),
            None => Ok(format!("http://{}", self.listen(module)?)),
        }
    }
}
