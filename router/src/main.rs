//! The federated router: one GraphQL API over the eight subgraphs.
//!
//! It is Hive Router, embedded, with `router/router.yaml` as its configuration and four plug-ins:
//! the request id, the client's address, the shape of errors, and the playground. It knows the subgraphs only by the
//! composed schema `router/supergraph.graphql` and their URLs; it holds no business rule, keeps no
//! state and verifies no token, which each subgraph does by itself.

mod environment;
mod plugins;

use std::process::ExitCode;

use hive_router::error::RouterInitError;
use hive_router::{PluginRegistry, RouterGlobalAllocator, ntex, router_entrypoint};

hive_router::configure_global_allocator!();

fn main() -> ExitCode {
    environment::prepare();
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shopnexus-router: {error}");
            ExitCode::FAILURE
        }
    }
}

#[hive_router::main]
async fn serve() -> Result<(), RouterInitError> {
    hive_router::init_rustls_crypto_provider();
    let plugins = PluginRegistry::new()
        .register::<plugins::request_id::RequestId>()
        .register::<plugins::client_address::ClientAddress>()
        .register::<plugins::errors::Errors>()
        .register::<plugins::playground::Playground>();
    router_entrypoint(plugins).await
}
