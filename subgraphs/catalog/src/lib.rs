//! The catalog: what is for sale, and what its buyers say about it.
//!
//! Owns products, SKUs, categories, tags, reviews, replies and votes, and finds products by what people type. It knows
//! nothing of how many units there are (`inventory`), of what is paid in the end (`promotion`) and of the files behind
//! images (`common`): those modules add their fields to its types.

pub mod drafts;
pub mod error;
pub mod gauges;
pub mod import;
mod keeper;
pub mod loaders;
mod mutations;
mod queries;
pub mod recommend;
pub mod schema;
pub mod search;
pub mod store;
mod types;
mod workflows;

use contracts::{
    catalog::SKUS,
    common::{OPTION_REGISTER, OptionCategory, ServiceOption},
};
use kernel::OperationId;
use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::{
    search::Search,
    store::directory::sku_snapshot_list,
    workflows::{
        edit_product::ProductEditor,
        follow_products::{self, Rhythm, SearchIndexer},
        import_products::ProductImporter,
        keep_feed::FeedKeeper,
        read_skus::CatalogDirectory,
        write_review::ReviewEditor,
    },
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its graph, its search and its durable handlers.
///
/// # Errors
/// The database cannot be reached, or a setting is unusable.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let db = platform.database(ModuleName::Catalog).await?;
    let search = Search::from_config(&platform.config, &platform.http)?;
    let rhythm = Rhythm::from_config(&platform.config)?;
    let schema = schema::build().data(db.clone()).data(platform.clone()).data(search.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(CatalogDirectory { db: db.clone() })
        .bind(ProductEditor { db: db.clone() })
        .bind(ProductImporter { db: db.clone() })
        .bind(ReviewEditor { db: db.clone() })
        .bind(FeedKeeper { db: db.clone(), search: search.clone(), redis: platform.redis.clone() })
        .bind(SearchIndexer { db: db.clone(), search: search.clone(), rhythm })
        .build();
    let (loaded, asked) = ((db.clone(), search.clone()), db.clone());
    let module = Module::new(ModuleName::Catalog, platform, &db, schema, endpoint, move |request| {
        request.data(loaders::loaders(&loaded.0, Some(&loaded.1)))
    })
    .with_gauges(gauges::GAUGES)
    .with_read(&SKUS, move |ids| {
        let db = asked.clone();
        async move { sku_snapshot_list(&db, &ids).await }
    });
    let (ingress, options) = (platform.ingress.clone(), options());
    let keys = rhythm.keys();
    Ok(module.with_start_task(move || {
        let (ingress, options, keys) = (ingress.clone(), options.clone(), keys.clone());
        async move {
            // Every start asks anew; the workers know whether their rounds go on.
            for key in keys {
                follow_products::BEGIN.send_at_ingress(&ingress, key, OperationId::new().to_string(), ()).await?;
            }
            OPTION_REGISTER.send_at_ingress(&ingress, OperationId::new().to_string(), options).await?;
            Ok(())
        }
    }))
}

/// The sources of vectors that this module offers.
fn options() -> Vec<ServiceOption> {
    let option = |id: &str, provider: &str, name: &str, description: &str, position| ServiceOption {
        id: id.to_owned(),
        category: OptionCategory::Embedding,
        provider: provider.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        position,
    };
    vec![
        option("embedding-local", "minilm", "all-MiniLM-L6-v2", "Texts are embedded in the catalog's own process.", 0),
        option(
            "embedding-endpoint",
            "openai",
            "Embedding endpoint",
            "Texts are embedded by an OpenAI-compatible API.",
            1,
        ),
    ]
}
