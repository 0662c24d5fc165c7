//! PostgreSQL, Redis and Restate: private ones as children, or those that the environment names.

mod binaries;
mod command;
mod external;
mod postgres;
mod redis;
mod restate;

use std::env;
use std::time::Instant;

use url::Url;

pub(crate) use binaries::{
    Found, apollo_router, cache_dir, postgres_binaries, postgres_program, redis_server, restate_server,
};
pub(crate) use command::{EnginesArgs, run};
pub(crate) use external::{
    answers, connect, hide_password, postgres_answers, redis_answers, restate_answers, restate_ingress_answers,
};

use crate::data_dir::DataDir;
use crate::failure::{Failure, Result};
use crate::ports::Ports;
use crate::process::Supervisor;
use crate::say;
use crate::secrets::Secrets;

/// One of the three engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Relational data.
    Postgres,
    /// Cache, fan-out, limits.
    Redis,
    /// Durable execution.
    Restate,
}

impl Engine {
    /// All three, in the order in which they start.
    pub(crate) const ALL: [Self; 3] = [Self::Postgres, Self::Redis, Self::Restate];
}

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Nothing: everything acknowledged is on disk.
    Full,
    /// Everything: for tests, whose data are thrown away. A killed process still loses nothing.
    None,
}

/// Where the engines are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Engines {
    /// The owner's connection URL.
    pub(crate) database_url: Option<Url>,
    pub(crate) redis_url: Option<Url>,
    pub(crate) restate: Option<RestateUrls>,
}

/// Restate's two addresses.
#[derive(Debug, Clone)]
pub(crate) struct RestateUrls {
    pub(crate) ingress: Url,
    pub(crate) admin: Url,
}

/// What private engines are made from.
pub(crate) struct Ground<'a> {
    pub(crate) data: &'a DataDir,
    pub(crate) ports: &'a mut Ports,
    pub(crate) secrets: &'a mut Secrets,
    pub(crate) durability: Durability,
}

impl Engines {
    /// The engines that the environment names, each checked to answer; the others are `None`.
    pub(crate) async fn from_environment() -> Result<Self> {
        let database_url = url_variable("DATABASE_URL")?;
        let redis_url = url_variable("REDIS_URL")?;
        let restate = match (url_variable("RESTATE_INGRESS_URL")?, url_variable("RESTATE_ADMIN_URL")?) {
            (Some(ingress), Some(admin)) => Some(RestateUrls { ingress, admin }),
            (None, None) => None,
            _ => {
                return Err(Failure::new("only one of RESTATE_INGRESS_URL and RESTATE_ADMIN_URL is set")
                    .mend("set both to use a Restate of your own, or neither for a private one"));
            }
        };
        let named = Self { database_url, redis_url, restate };
        named.check().await?;
        Ok(named)
    }

    async fn check(&self) -> Result<()> {
        if let Some(url) = &self.database_url {
            let version = answers("DATABASE_URL", url, external::postgres_answers).await?;
            say::done(&format!("PostgreSQL {version} of DATABASE_URL ({})", hide_password(url)));
        }
        if let Some(url) = &self.redis_url {
            let version = answers("REDIS_URL", url, external::redis_answers).await?;
            say::done(&format!("Redis {version} of REDIS_URL ({})", hide_password(url)));
        }
        if let Some(urls) = &self.restate {
            answers("RESTATE_INGRESS_URL", &urls.ingress, external::restate_ingress_answers).await?;
            let version = answers("RESTATE_ADMIN_URL", &urls.admin, external::restate_answers).await?;
            say::done(&format!("Restate {version} of RESTATE_ADMIN_URL ({})", urls.admin));
        }
        Ok(())
    }

    /// Starts private ones for those of `wanted` that are not there yet, and waits until each answers.
    pub(crate) async fn complete(
        mut self,
        wanted: &[Engine],
        supervisor: &mut Supervisor,
        ground: &mut Ground<'_>,
    ) -> Result<Self> {
        let begun = Instant::now();
        let missing = |engine| wanted.contains(&engine);
        // Started before any of them is waited for: they take their time together.
        let redis = match self.redis_url {
            None if missing(Engine::Redis) => Some(redis::start(supervisor, ground)?),
            _ => None,
        };
        let restate = match self.restate {
            None if missing(Engine::Restate) => Some(restate::start(supervisor, ground)?),
            _ => None,
        };
        let postgres = match self.database_url {
            None if missing(Engine::Postgres) => Some(postgres::start(supervisor, ground).await?),
            _ => None,
        };
        ground.ports.save()?;
        let took = || format!("{:.1} s", begun.elapsed().as_secs_f32());
        if let Some(url) = redis {
            let version = redis::wait(supervisor, &url).await?;
            say::done(&format!("Redis {version} ({}, {})", hide_password(&url), took()));
            self.redis_url = Some(url);
        }
        if let Some(urls) = restate {
            let version = restate::wait(supervisor, &urls).await?;
            say::done(&format!("Restate {version} ({}, {})", urls.admin, took()));
            self.restate = Some(urls);
        }
        if let Some(url) = postgres {
            let version = postgres::wait(supervisor, &url).await?;
            say::done(&format!("PostgreSQL {version} ({}, {})", hide_password(&url), took()));
            self.database_url = Some(url);
        }
        Ok(self)
    }

    /// The variables by which programs find the engines.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        let mut add = |name: &str, url: Option<&Url>| {
            variables.extend(url.map(|url| (name.to_owned(), url.as_str().to_owned())));
        };
        add("DATABASE_URL", self.database_url.as_ref());
        add("REDIS_URL", self.redis_url.as_ref());
        add("RESTATE_INGRESS_URL", self.restate.as_ref().map(|urls| &urls.ingress));
        add("RESTATE_ADMIN_URL", self.restate.as_ref().map(|urls| &urls.admin));
        variables
    }
}

fn url_variable(name: &str) -> Result<Option<Url>> {
    let Some(value) = env::var(name).ok().filter(|value| !value.is_empty()) else { return Ok(None) };
    Url::parse(&value).map(Some).map_err(|error| {
        Failure::new(format!("{name} is not a URL: {error}"))
            .mend(format!("correct it, or unset {name} to have a private engine"))
    })
}

/// A URL of the loopback interface that the program itself composed.
fn local_url(text: &str) -> Url {
    Url::parse(text).expect("it is composed of literals, hexadecimal digits and a port")
}
