//! What the reader sees when everything is up.

use std::time::Duration;

use super::children::Addresses;
use super::status::ui_url;
use crate::data_dir::DataDir;
use crate::engines::Engines;
use crate::say;

/// Prints where everything is and what to try first.
pub(super) fn print(addresses: &Addresses, engines: &Engines, data: &DataDir, took: Duration) {
    say::line(&format!("\n{} after {:.1} s\n", say::paint("1;32", "ShopNexus is up"), took.as_secs_f32()));
    let row = |name: &str, value: &str| say::line(&format!("  {name:<12} {value}"));
    row("GraphQL", &addresses.graphql_url());
    row("WebSocket", &format!("{} (graphql-transport-ws)", addresses.websocket_url()));
    row("Playground", &addresses.playground_url());
    if let Some(restate) = &engines.restate {
        row("Restate UI", ui_url(&restate.admin).as_str());
    }
    row("Logs", &data.path("logs").display().to_string());
    say::line("\nCtrl-C stops everything; the data are kept.");
}
