//! The catalog: what is for sale, and what its buyers say about it.
//!
//! Owns products, SKUs, categories, tags, reviews, replies and votes, and finds products by what people type. It knows
//! nothing of how many units there are (`inventory`), of what is paid in the end (`promotion`) and of the files behind
//! images (`common`): those modules add their fields to its types.

pub mod drafts;
pub mod error;
pub mod import;
pub mod loaders;
mod mutations;
mod queries;
pub mod schema;
pub mod search;
pub mod store;
mod types;
mod workflows;

use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::workflows::{
    edit_product::ProductEditor, import_products::ProductImporter, read_skus::CatalogDirectory,
    write_review::ReviewEditor,
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
    let db = platform.database(ModuleName::Catalog).await?;
    let schema = schema::build().data(db.clone()).data(platform.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(CatalogDirectory { db: db.clone() })
        .bind(ProductEditor { db: db.clone() })
        .bind(ProductImporter { db: db.clone() })
        .bind(ReviewEditor { db: db.clone() })
        .build();
    let loaded = db.clone();
    Ok(Module::new(ModuleName::Catalog, platform, &db, schema, endpoint, move |request| {
        request.data(loaders::loaders(&loaded))
    }))
}
