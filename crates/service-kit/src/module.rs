//! A module as a process sees it: what it shares with the others, and what it serves.

use std::{pin::Pin, sync::Arc};

use async_graphql::{Executor, ObjectType, SDLExportOptions, Schema, SubscriptionType};
use contracts::{Ingress, Read};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use restate_sdk::endpoint::Endpoint;
use sea_orm::{DatabaseConnection, DbErr};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Result,
    auth::Authenticator,
    config::{Config, ConfigError, Environment, ModuleName},
    database,
    gauges::{self, Gauge},
    live::Live,
    peers::{self, Peers},
    readiness::Readiness,
    serve, telemetry,
};

/// A module could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is unusable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database did not let the module in.
    #[error("{module} cannot connect to the database as {role}; `shopnexus migrate up` makes the roles, `shopnexus doctor` finds the rest", role = module.role())]
    Database {
        /// Whose connection.
        module: ModuleName,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// Redis did not answer.
    #[error("Redis cannot be reached at REDIS_URL")]
    Redis(#[source] redis::RedisError),
    /// The ingress URL is no use.
    #[error("RESTATE_INGRESS_URL is not usable")]
    Ingress(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something of the module's own.
    #[error("{0}")]
    Other(String, #[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

/// What all modules of a process share.
#[derive(Clone)]
pub struct Platform {
    /// The configuration.
    pub config: Arc<Config>,
    /// Redis, for what may be lost.
    pub redis: ConnectionManager,
    /// The way into durable handlers.
    pub ingress: Ingress,
    /// The other modules, to be asked.
    pub peers: Peers,
    /// Live updates.
    pub live: Live,
    /// Verifies access tokens.
    pub authenticator: Authenticator,
    /// Outgoing HTTP.
    pub http: reqwest::Client,
}

impl Platform {
    /// Connects to the engines.
    ///
    /// # Errors
    /// An engine cannot be reached; the error names it.
    pub async fn connect(config: Config) -> Result<Self, StartError> {
        let client = redis::Client::open(config.redis_url.as_str()).map_err(StartError::Redis)?;
        let settings = ConnectionManagerConfig::new()
            .set_number_of_retries(2)
            .set_connection_timeout(Some(std::time::Duration::from_secs(2)))
            .set_response_timeout(Some(std::time::Duration::from_secs(2)));
        let redis = ConnectionManager::new_with_config(client.clone(), settings).await.map_err(StartError::Redis)?;
        let ingress_url =
            config.restate_ingress_url.as_str().parse().map_err(|error| StartError::Ingress(Box::new(error)))?;
        // Both less than the router waits for a module.
        let patience = if config.environment == Environment::Production { 8.0 } else { 25.0 };
        let patience: f64 = config.setting_or("DURABLE_PATIENCE_SECONDS", patience)?;
        let patience = std::time::Duration::try_from_secs_f64(patience).map_err(|error| {
            StartError::Other("DURABLE_PATIENCE_SECONDS is not usable".to_owned(), Some(Box::new(error)))
        })?;
        let ingress = Ingress::connect(&ingress_url, telemetry::trace_headers)
            .map_err(|error| StartError::Ingress(Box::new(error)))?
            .with_patience(patience);
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(10))
            .redirect(within_one_host())
            .build()
            .map_err(|error| StartError::Other("the HTTP client cannot be built".to_owned(), Some(Box::new(error))))?;
        let authenticator = Authenticator::new(config.jwks_url.clone(), http.clone(), redis.clone());
        let live = Live::start(client, redis.clone(), authenticator.clone());
        let config = Arc::new(config);
        let peers = Peers::new(http.clone(), config.clone());
        Ok(Self { config, redis, ingress, peers, live, authenticator, http })
    }

    /// Opens the pool of `module`, as the module's own role.
    ///
    /// # Errors
    /// The database cannot be reached or refuses the role.
    pub async fn database(&self, module: ModuleName) -> Result<DatabaseConnection, StartError> {
        database::connect(&self.config, module).await
    }
}

/// Providers are asked at the addresses that an operator has set, and where else they send us is not for them to decide:
/// a redirect is followed on the same host and nowhere else, so that none of them leads into our own network.
fn within_one_host() -> reqwest::redirect::Policy {
    reqwest::redirect::Policy::custom(|attempt| {
        let asked = attempt.previous().first().and_then(|url| url.host_str());
        if asked != attempt.url().host_str() {
            attempt.error("a provider redirects to another host")
        } else if attempt.previous().len() > 3 {
            attempt.error("a provider redirects again and again")
        } else {
            attempt.follow()
        }
    })
}

/// Work that a module does once it is reachable: registering providers, waking periodic jobs.
pub type StartTask = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// A module, ready to be served.
pub struct Module {
    /// Which.
    pub name: ModuleName,
    /// Its HTTP routes: GraphQL, durable handlers, health, metrics and what it adds.
    pub app: axum::Router,
    /// What it does once it is reachable. Each task is repeated until it succeeds, so it must be idempotent.
    pub start_tasks: Vec<StartTask>,
    /// Whether it may be sent requests.
    pub readiness: Readiness,
    /// Its connections.
    pub database: DatabaseConnection,
    gauges: &'static [Gauge],
    platform: Platform,
    endpoint: Endpoint,
}

impl Module {
    /// A module that serves `schema` and the durable handlers of `endpoint`. `prepare` adds to each request what lives
    /// as long as the request: the DataLoaders.
    pub fn new<E: Executor>(
        name: ModuleName,
        platform: &Platform,
        database: &DatabaseConnection,
        schema: E,
        endpoint: Endpoint,
        prepare: impl Fn(async_graphql::Request) -> async_graphql::Request + Clone + Send + Sync + 'static,
    ) -> Self {
        let readiness = Readiness::of(platform, database, &endpoint);
        let app = serve::routes(name, platform, &readiness, schema, endpoint.clone(), prepare);
        let (database, platform) = (database.clone(), platform.clone());
        Self { name, app, start_tasks: Vec::new(), readiness, database, gauges: &[], platform, endpoint }
    }

    /// Adds what the module reads of its business now and then.
    #[must_use]
    pub fn with_gauges(mut self, gauges: &'static [Gauge]) -> Self {
        self.gauges = gauges;
        self
    }

    /// What reads the module's gauges.
    pub(crate) async fn gauge_reader(&self) -> gauges::Reader {
        gauges::Reader {
            module: self.name,
            db: self.database.clone(),
            gauges: self.gauges,
            readiness: self.readiness.clone(),
            engine: gauges::Engine {
                http: self.platform.http.clone(),
                admin: self.platform.config.restate_admin_url.clone(),
                services: crate::readiness::service_names(&self.endpoint).await,
            },
        }
    }

    /// Answers a question of other modules.
    #[must_use]
    pub fn with_read<Input, Output, F, Fut>(mut self, read: &Read<Input, Output>, answer: F) -> Self
    where
        Input: DeserializeOwned + Send + 'static,
        Output: Serialize,
        F: Fn(Input) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Output>> + Send + 'static,
    {
        self.app = self.app.merge(peers::route(&self.platform.config, read, answer));
        self
    }

    /// Adds routes of the module's own: webhooks, uploads, keys.
    #[must_use]
    pub fn with_routes(mut self, routes: axum::Router) -> Self {
        self.app = self.app.merge(routes);
        self
    }

    /// Adds a task that runs once the module is reachable, and again every second until it succeeds.
    #[must_use]
    pub fn with_start_task<F, Fut>(mut self, task: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        self.start_tasks.push(Box::new(move || Box::pin(task())));
        self
    }
}

/// The schema of a module as its `schema.graphql` holds it, for composition and for review.
pub fn sdl<Q, M, S>(schema: &Schema<Q, M, S>) -> String
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    schema.sdl_with_options(
        SDLExportOptions::new().federation().compose_directive().sorted_enum_items().use_space_ident(),
    )
}
