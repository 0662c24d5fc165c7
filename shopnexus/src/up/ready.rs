//! Waiting until everything really answers.

use std::time::Duration;

use serde_json::{Value, json};
use service_kit::ModuleName;
use url::Url;

use super::children::{Addresses, ROUTER, child_of};
use crate::failure::{Failure, Result};
use crate::http;
use crate::process::Supervisor;

/// It reaches the catalog's tables, so an answer means that router, module and database work together.
const QUERY: &str = "query Ready { products(first: 1) { nodes { id } } }";

const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until every module listens, so that its durable handlers can be registered.
pub(super) async fn listening(supervisor: &Supervisor, addresses: &Addresses, apart: bool) -> Result<()> {
    modules(supervisor, addresses, apart, "healthz").await
}

/// Waits until every module has all that it needs, its registered handlers among them.
pub(super) async fn whole(supervisor: &Supervisor, addresses: &Addresses, apart: bool) -> Result<()> {
    modules(supervisor, addresses, apart, "readyz").await
}

async fn modules(supervisor: &Supervisor, addresses: &Addresses, apart: bool, path: &str) -> Result<()> {
    let waits = ModuleName::ALL.map(async |module| {
        let url = local(&format!("{}/{path}", addresses.module_origin(module)));
        let ask = async || match http::get_status(&url).await? {
            200 => Ok(()),
            status => Err(Failure::new(format!("{module} answers {url} with {status}"))),
        };
        supervisor.wait_until(child_of(module, apart), PATIENCE, ask).await
    });
    futures::future::try_join_all(waits).await?;
    Ok(())
}

/// Waits until a query through the router has come back from a module.
pub(super) async fn router(supervisor: &Supervisor, addresses: &Addresses) -> Result<()> {
    let url = local(&addresses.graphql_url());
    supervisor.wait_until(ROUTER, PATIENCE, async || query(&url).await).await
}

/// Asks the router something that only a module can answer.
pub(crate) async fn query(url: &Url) -> Result<()> {
    let answer: Value = http::post_json(url, &json!({ "query": QUERY })).await?;
    if answer.get("errors").is_none() && answer["data"].is_object() {
        return Ok(());
    }
    Err(Failure::new(format!("the router answered {answer}")))
}

fn local(text: &str) -> Url {
    Url::parse(text).expect("it is composed of literals and a port")
}
