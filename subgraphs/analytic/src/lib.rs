//! What accounts do with products, and what it says about the products.
//!
//! Owns the log of interactions, each counted exactly once by its id, the popularity of each product, and the roll-up by
//! day from which trends are read. Owns the log of sales too, and the roll-ups that sellers read their figures from. It never knows what a product is beyond its id, and nothing waits for it: interactions
//! are sent and forgotten.

pub mod error;
mod keeper;
pub mod loaders;
mod mutations;
mod queries;
pub mod schema;
pub mod store;
mod types;
pub mod weights;
mod workflows;

use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::{
    loaders::Loaders,
    weights::Weights,
    workflows::{read_taste::AnalyticDirectory, record_sales::SalesLog, track_interactions::InteractionLog},
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its graph and its durable handlers.
///
/// # Errors
/// The database cannot be reached, or `ANALYTIC_WEIGHTS` is not usable.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let weights = platform.config.setting_or("ANALYTIC_WEIGHTS", Weights::default())?;
    let db = platform.database(ModuleName::Analytic).await?;
    let schema = schema::build().data(db.clone()).data(platform.ingress.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(InteractionLog { db: db.clone(), weights })
        .bind(SalesLog { db: db.clone() })
        .bind(AnalyticDirectory { db: db.clone() })
        .build();
    let loaded = db.clone();
    Ok(Module::new(ModuleName::Analytic, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    }))
}
