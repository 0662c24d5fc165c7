//! Stock: how many units of a SKU there are, who holds them, and why.
//!
//! Owns the counters `stock` and `taken` of each SKU, the reservations of checkouts, the serials of single units, and
//! the append-only history of every change. `available = stock - taken` never falls below zero, under any concurrency:
//! the database refuses it. It never knows prices, names or orders, and only the owner of a stock may add to it.

pub mod error;
pub mod gauges;
mod keeper;
pub mod loaders;
mod mutations;
pub mod schema;
pub mod store;
mod types;
mod workflows;

use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::{
    loaders::Loaders,
    workflows::{
        announce_low_stock::StockAlerts, keep_stock::InventoryStock, read_stock::InventoryDirectory,
        take_back::StockReturns,
    },
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its graph and its durable handlers.
///
/// # Errors
/// The database cannot be reached.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let db = platform.database(ModuleName::Inventory).await?;
    let schema = schema::build().data(db.clone()).data(platform.ingress.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(InventoryStock { db: db.clone() })
        .bind(InventoryDirectory { db: db.clone() })
        .bind(StockAlerts)
        .bind(StockReturns { db: db.clone() })
        .build();
    let loaded = db.clone();
    Ok(Module::new(ModuleName::Inventory, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    })
    .with_gauges(gauges::GAUGES))
}
