//! A private PostgreSQL.

mod cluster;
mod user;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use url::Url;

use super::{Durability, Ground, external, local_url};
use crate::failure::{Context, Failure, Result, causes};
use crate::process::{Recipe, Supervisor};
use crate::secrets::POSTGRES_PASSWORD;

const NAME: &str = "postgres";
const OWNER: &str = "shopnexus";
const DATABASE: &str = "shopnexus";

/// Starts it, on a cluster that is made at the first run, and gives the owner's URL.
pub(super) async fn start(supervisor: &mut Supervisor, ground: &mut Ground<'_>) -> Result<Url> {
    let port = ground.ports.claim(NAME, None)?;
    let password = ground.secrets.get(POSTGRES_PASSWORD)?;
    let user = user::to_run_as()?;
    let cluster = cluster::prepare(ground, user.as_ref(), OWNER, &password)?;
    let mut recipe = Recipe::new(NAME, cluster.binaries.join("postgres"));
    recipe = recipe.arguments(["-D"]).arguments([&cluster.directory]);
    for (name, value) in settings(port, ground.durability) {
        recipe = recipe.arguments(["-c".to_owned(), format!("{name}={value}")]);
    }
    recipe.directory = Some(cluster.directory);
    recipe.user = user;
    // The "fast" shutdown. On SIGTERM it would wait for every client to leave by itself.
    recipe.stop_signal = nix::sys::signal::Signal::SIGINT;
    recipe.grace = Duration::from_secs(20);
    supervisor.start(recipe);
    Ok(local_url(&format!("postgres://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}")))
}

fn settings(port: u16, durability: Durability) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("port", port.to_string()),
        ("listen_addresses", "127.0.0.1".to_owned()),
        // The path of a socket file is limited to about a hundred bytes, which a data directory easily exceeds.
        ("unix_socket_directories", String::new()),
        // Eight modules in up to eight processes, or a few hundred tests, each with its pools.
        ("max_connections", "400".to_owned()),
        ("shared_buffers", "128MB".to_owned()),
        ("timezone", "UTC".to_owned()),
        ("log_timezone", "UTC".to_owned()),
        ("log_line_prefix", "%m [%p] %q%u@%d ".to_owned()),
        ("log_min_duration_statement", "1s".to_owned()),
    ];
    if durability == Durability::None {
        for name in ["fsync", "synchronous_commit", "full_page_writes", "log_checkpoints"] {
            settings.push((name, "off".to_owned()));
        }
    }
    settings
}

/// Waits until it answers, makes the database at the first run, and gives its version.
pub(super) async fn wait(supervisor: &Supervisor, url: &Url) -> Result<String> {
    let mut maintenance = url.clone();
    maintenance.set_path("postgres");
    supervisor.wait_until(NAME, Duration::from_secs(120), async || make_database(&maintenance).await).await?;
    external::postgres_answers(url).await
}

async fn make_database(maintenance: &Url) -> Result<()> {
    let database = external::connect(maintenance).await.map_err(|error| {
        let text = causes(&error);
        if text.contains("password authentication failed") {
            return Failure::new("the private PostgreSQL does not accept the password in secrets.json").mend(
                "restore the secrets.json that belongs to this data directory; or, to start afresh and lose the data, \
                 remove the data directory",
            );
        }
        Failure::new(text)
    })?;
    let exists =
        Statement::from_string(DbBackend::Postgres, format!("SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"));
    let exists = database.query_one_raw(exists).await.context(|| "pg_database cannot be read".to_owned())?;
    if exists.is_none() {
        let create = Statement::from_string(DbBackend::Postgres, format!("CREATE DATABASE {DATABASE}"));
        database.execute_raw(create).await.context(|| format!("the database {DATABASE} cannot be made"))?;
    }
    _ = database.close().await;
    Ok(())
}
