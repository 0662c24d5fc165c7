//! Whether a module may be sent requests.
//!
//! It becomes ready when everything is there that it was built for: the database, with every migration this program
//! knows; Redis; the durable engine; and its own handlers known to the engine. From then on it is ready while the
//! database answers: without Redis or the engine it still does most of its work, and taking every instance out of
//! service at once would make an outage of one thing an outage of all. What is missing is told in any case.

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{Request, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use serde::Deserialize;
use serde_json::json;

use crate::module::Platform;

/// Longer than this nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// The check that goes on deciding once the module has been ready.
const DATABASE: &str = "database";

type Checked = Result<(), String>;
type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Checked> + Send>> + Send + Sync>;

/// The checks of one module, and whether it has been ready.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Inner>);

#[derive(Default)]
struct Inner {
    checks: RwLock<Vec<(&'static str, Check)>>,
    was_ready: AtomicBool,
}

/// What was found.
pub(crate) struct Report {
    pub(crate) ready: bool,
    pub(crate) checks: Vec<(&'static str, Checked)>,
}

impl Readiness {
    /// Adds a check; its error says what is missing, for an operator.
    pub fn add<F, Fut>(&self, name: &'static str, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Checked> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.0.checks.write().unwrap_or_else(PoisonError::into_inner).push((name, check));
    }

    /// Looks at everything, all at once.
    pub(crate) async fn look(&self) -> Report {
        let checks = self.0.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
        let looks = checks.iter().map(async |(name, check)| {
            let outcome = tokio::time::timeout(PATIENCE, check()).await;
            (*name, outcome.unwrap_or_else(|_| Err("no answer in time".to_owned())))
        });
        let checks = futures::future::join_all(looks).await;
        let whole = checks.iter().all(|(_, outcome)| outcome.is_ok());
        let was_ready = self.0.was_ready.fetch_or(whole, Ordering::Relaxed);
        let database = checks.iter().any(|(name, outcome)| *name == DATABASE && outcome.is_ok());
        Report { ready: whole || (was_ready && database), checks }
    }

    /// The route that tells it.
    pub(crate) fn route(&self) -> Router {
        Router::new().route("/readyz", get(tell)).with_state(self.clone())
    }

    /// The checks that every module has.
    pub(crate) fn of(platform: &Platform, database: &DatabaseConnection, endpoint: &Endpoint) -> Self {
        let readiness = Self::default();
        let db = database.clone();
        readiness.add(DATABASE, move || {
            let db = db.clone();
            async move { db.ping().await.map_err(|_| "the database does not answer".to_owned()) }
        });
        let redis = platform.redis.clone();
        readiness.add("redis", move || {
            let mut redis = redis.clone();
            async move {
                let pong: redis::RedisResult<String> = redis::cmd("PING").query_async(&mut redis).await;
                pong.map(drop).map_err(|_| "Redis does not answer".to_owned())
            }
        });
        let (platform, endpoint) = (platform.clone(), endpoint.clone());
        readiness.add("restate", move || {
            let (platform, endpoint) = (platform.clone(), endpoint.clone());
            async move { registered(&platform, &endpoint).await }
        });
        readiness
    }
}

async fn tell(State(readiness): State<Readiness>) -> Response {
    let report = readiness.look().await;
    let told = |outcome: &Checked| outcome.as_ref().err().map_or("ok", String::as_str).to_owned();
    let checks: serde_json::Map<_, _> =
        report.checks.iter().map(|(name, outcome)| ((*name).to_owned(), told(outcome).into())).collect();
    let body = Json(json!({ "ready": report.ready, "checks": checks }));
    if report.ready {
        return body.into_response();
    }
    tracing::warn!(?checks, "not ready");
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")], body).into_response()
}

/// A list of durable services: of this program by its own manifest, of the engine by its admin API.
#[derive(Deserialize)]
struct Services {
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    handlers: Vec<Handler>,
}

#[derive(Deserialize)]
struct Handler {
    name: String,
}

impl Services {
    fn handlers(self) -> BTreeSet<String> {
        let of = |service: Service| {
            let name = service.name;
            service.handlers.into_iter().map(move |handler| format!("{name}/{}", handler.name)).collect::<Vec<_>>()
        };
        self.services.into_iter().flat_map(of).collect()
    }
}

async fn registered(platform: &Platform, endpoint: &Endpoint) -> Checked {
    let own = own_services(endpoint).await.ok_or("this program does not tell its durable handlers")?.handlers();
    let admin = &platform.config.restate_admin_url;
    let mut url = admin.clone();
    url.set_path(&format!("{}/services", admin.path().trim_end_matches('/')));
    let answer = platform.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
    let answer = answer.map_err(|_| "the durable engine does not answer")?;
    let known: Services = answer.json().await.map_err(|_| "the durable engine does not tell its services")?;
    match own.difference(&known.handlers()).next() {
        None => Ok(()),
        Some(missing) => Err(format!("{missing} is not registered: `shopnexus register` does it")),
    }
}

async fn own_services(endpoint: &Endpoint) -> Option<Services> {
    let request = Request::get("/restate/discover")
        .header(header::ACCEPT, "application/vnd.restate.endpointmanifest.v4+json")
        .body(Body::empty())
        .expect("the literals make a request");
    let answer = endpoint.handle(request).map(Body::new);
    let bytes = axum::body::to_bytes(answer.into_body(), 4 << 20).await.ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The names of the durable services that this program has.
pub(crate) async fn service_names(endpoint: &Endpoint) -> Vec<String> {
    let services = own_services(endpoint).await.map(|services| services.services);
    services.into_iter().flatten().map(|service| service.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(readiness: &Readiness, name: &'static str) -> Arc<AtomicBool> {
        let up = Arc::new(AtomicBool::new(false));
        let seen = up.clone();
        readiness.add(name, move || {
            let up = seen.load(Ordering::Relaxed);
            async move { if up { Ok(()) } else { Err("away".to_owned()) } }
        });
        up
    }

    #[tokio::test]
    async fn a_module_becomes_ready_with_everything_and_stays_so_with_its_database() {
        let readiness = Readiness::default();
        let (database, redis) = (switch(&readiness, DATABASE), switch(&readiness, "redis"));
        assert!(!readiness.look().await.ready);
        database.store(true, Ordering::Relaxed);
        assert!(!readiness.look().await.ready, "Redis was never there");
        redis.store(true, Ordering::Relaxed);
        assert!(readiness.look().await.ready);
        redis.store(false, Ordering::Relaxed);
        let report = readiness.look().await;
        assert!(report.ready, "what is missing costs only itself");
        assert!(report.checks.contains(&("redis", Err("away".to_owned()))), "and it is told");
        database.store(false, Ordering::Relaxed);
        assert!(!readiness.look().await.ready);
    }
}
