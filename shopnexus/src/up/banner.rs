//! What the reader sees when everything is up.

use std::fs;
use std::time::Duration;

use serde::Deserialize;

use super::children::Addresses;
use super::router::RouterKind;
use super::status::ui_url;
use crate::data_dir::DataDir;
use crate::engines::Engines;
use crate::say::{line, paint};

/// An account that the demo data have, as the seed writes them into `demo.json`.
#[derive(Debug, Deserialize)]
struct DemoAccount {
    /// What it shows, as in "buyer".
    role: String,
    login: String,
    password: String,
}

/// Prints where everything is and what to try first.
pub(super) fn print(addresses: &Addresses, engines: &Engines, router: RouterKind, data: &DataDir, took: Duration) {
    let row = |name: &str, value: &str| line(&format!("  {name:<12} {value}"));
    line(&format!("\n{} after {:.1} s\n", paint("1;32", "ShopNexus is up"), took.as_secs_f32()));
    row("GraphQL", &addresses.graphql_url());
    match router {
        RouterKind::Hive => {
            row("WebSocket", &format!("{} (graphql-transport-ws)", addresses.websocket_url()));
            row("Playground", &addresses.playground_url());
        }
        RouterKind::Apollo => row("Router", "Apollo Router: docs/operating/apollo-router.md tells what is different"),
    }
    if let Some(restate) = &engines.restate {
        row("Restate UI", ui_url(&restate.admin).as_str());
    }
    if let Some(sandbox) = addresses.sandbox_origin() {
        row("Payments", &format!("{sandbox} (a sandbox that behaves as VNPay does)"));
        row("Carrier", &format!("{sandbox}/ghtk (plays GHTK; you move the parcels)"));
    }
    row("Logs", &data.path("logs").display().to_string());
    let demo = fs::read(data.path("demo.json")).ok();
    let accounts: Vec<DemoAccount> = demo.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    if !accounts.is_empty() {
        line("\nLog in as");
        for account in accounts {
            row(&account.role, &format!("{}  {}", account.login, account.password));
        }
    }
    line("\nA first query, for a second terminal:\n");
    line(&format!(
        "  curl -s {} -H 'content-type: application/json' \\\n    -d '{{\"query\": \"{FIRST_QUERY}\"}}'",
        addresses.graphql_url()
    ));
    line(&format!("\n{} stops everything; the data are kept.", paint("1", "Ctrl-C")));
}

/// It draws what a product card shows, out of five modules.
const FIRST_QUERY: &str = "{ products(first: 3) { nodes { name seller { name } images { url } popularity { score } \
                           featuredSku { price { amountMinor currency } offer { price { amountMinor } } \
                           stock { available } } } } }";
