//! The federated router: one GraphQL API over the eight subgraphs.
//!
//! It is Hive Router, embedded, with `router/router.yaml` as its configuration and a few plug-ins: the request id, the
//! client's address, the headers of answers, the shape of errors, the playground, and what guards the edge (the size of
//! operations, limits and costs, the record of documents). It knows the subgraphs only by the composed schema
//! `router/supergraph.graphql` and their URLs; it holds no business rule and keeps no state but counters. Each subgraph
//! verifies tokens by itself: here they only tell whose requests are counted, and who may introspect.

// What the router does with a request is one future inside many others, and an optimised build lays all of it out.
#![recursion_limit = "256"]

mod environment;
mod plugins;

use std::process::ExitCode;

use hive_router::error::RouterInitError;
use hive_router::{PluginRegistry, RouterGlobalAllocator, ntex, router_entrypoint};

hive_router::configure_global_allocator!();

fn main() -> ExitCode {
    if let Err(error) = environment::prepare() {
        eprintln!("shopnexus-router: {error}");
        return ExitCode::FAILURE;
    }
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
        .register::<plugins::response_headers::ResponseHeaders>()
        .register::<plugins::errors::Errors>()
        .register::<plugins::operation_size::OperationSize>()
        .register::<plugins::admission::Admission>()
        .register::<plugins::document_recorder::DocumentRecorder>()
        .register::<plugins::playground::Playground>();
    router_entrypoint(plugins).await
}
