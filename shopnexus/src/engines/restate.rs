//! A private Restate.

use std::time::Duration;

use super::{Durability, Ground, RestateUrls, binaries, external, local_url};
use crate::data_dir;
use crate::failure::Result;
use crate::process::{Recipe, Supervisor};

const NAME: &str = "restate";

/// Starts it and gives its URLs.
pub(super) fn start(supervisor: &mut Supervisor, ground: &mut Ground<'_>) -> Result<RestateUrls> {
    let server = binaries::restate_server()?;
    let ingress = ground.ports.claim("restate-ingress", None)?;
    let admin = ground.ports.claim("restate-admin", None)?;
    let node = ground.ports.claim("restate-node", None)?;
    let directory = ground.data.directory(NAME)?;
    let file = ground.data.path("restate/restate.toml");
    data_dir::write_private(&file, configuration(ingress, admin, node, ground.durability).as_bytes())?;
    let mut recipe = Recipe::new(NAME, server.path).arguments(["--no-logo", "--config-file"]).arguments([&file]);
    recipe = recipe.arguments(["--base-dir"]).arguments([&directory]);
    recipe.environment.push(("DO_NOT_TRACK".to_owned(), "1".to_owned()));
    // Without a collector of its own Restate does not pass a trace on to the handlers that it calls.
    if let Some(collector) = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok().filter(|url| !url.is_empty()) {
        recipe.environment.push(("RESTATE_TRACING_ENDPOINT".to_owned(), collector));
    }
    recipe.grace = Duration::from_secs(15);
    supervisor.start(recipe);
    Ok(RestateUrls {
        ingress: local_url(&format!("http://127.0.0.1:{ingress}/")),
        admin: local_url(&format!("http://127.0.0.1:{admin}/")),
    })
}

fn configuration(ingress: u16, admin: u16, node: u16, durability: Durability) -> String {
    let without_fsync = durability == Durability::None;
    let partitions = std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
    format!(
        r#"# Written by shopnexus at every start.
cluster-name = "shopnexus"
# Not the name of the host, which changes with networks: the data belong to the name.
node-name = "shopnexus"
auto-provision = true
# One machine wants few partitions. Two cores answer 265 checkout-like calls a second with the default of 24, 400 with 4,
# and 546 with one. The number is fixed when the data are made.
default-num-partitions = {partitions}
listen-mode = "tcp"
bind-ip = "127.0.0.1"
bind-port = {node}
advertised-address = "http://127.0.0.1:{node}/"
shutdown-timeout = "10s"
rocksdb-total-memory-size = "512.0 MiB"
log-filter = "warn,restate=info,octocrab=off"
log-disable-ansi-codes = true
disable-telemetry = true

# A fault is retried until it heals. The default pauses an invocation after 70 attempts and waits for a person.
[default-retry-policy]
initial-interval = "200ms"
exponentiation-factor = 2.0
max-interval = "20s"
max-attempts = "unlimited"

[admin]
bind-address = "127.0.0.1:{admin}"
advertised-address = "http://127.0.0.1:{admin}/"

[ingress]
bind-address = "127.0.0.1:{ingress}"
advertised-address = "http://127.0.0.1:{ingress}/"

[log-server]
rocksdb-disable-wal-fsync = {without_fsync}
"#
    )
}

/// Waits until both of its APIs answer, and gives its version.
pub(super) async fn wait(supervisor: &Supervisor, urls: &RestateUrls) -> Result<String> {
    let ask = async || {
        external::restate_ingress_answers(&urls.ingress).await?;
        external::restate_answers(&urls.admin).await
    };
    supervisor.wait_until(NAME, Duration::from_secs(60), ask).await
}
