//! What every module needs a little of: files and their places, the list of selectable providers, exchange rates.
//!
//! Owns resources (metadata, bytes, the URLs to put and to get them), the ordered files of entities, service options,
//! exchange rates, and the way from addresses to coordinates.
//! It never decides who may change an entity: the module that owns the entity asks for the attachment.

pub mod error;
pub mod files;
mod keeper;
pub mod loaders;
mod mutations;
pub mod places;
mod queries;
pub mod rates;
pub mod schema;
pub mod store;
mod types;
mod uploads;
mod workflows;

pub use workflows::{refresh_rates::refresh, sweep_uploads::sweep};

use std::{sync::Arc, time::Duration};

use contracts::common::{OptionCategory, ServiceOption};
use kernel::OperationId;
use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::{
    files::Files,
    loaders::Loaders,
    places::Places,
    workflows::{
        attach_resources::Attachments,
        refresh_rates::{self, ExchangeRates},
        register_options::ServiceOptions,
        retention::{self, Retention},
        sweep_uploads::{self, UploadSweeper},
    },
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its graph, its durable handlers and its file routes.
///
/// # Errors
/// The database cannot be reached, a setting is unusable, or the data directory is not writable.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let db = platform.database(ModuleName::Common).await?;
    let files = Files::open(&platform.config)?;
    let places = Places::read(&platform.config, &platform.http);
    let sources = Arc::new(rates::sources(&platform.config, &platform.http)?);
    let schema = schema::build().data(db.clone()).data(files.clone()).data(places).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(Attachments { db: db.clone() })
        .bind(ServiceOptions { db: db.clone() })
        .bind(Retention {
            period: Duration::from_secs(platform.config.setting_or("RETENTION_PERIOD_SECONDS", 24 * 60 * 60)?),
        })
        .bind(UploadSweeper { db: db.clone(), files: files.clone() })
        .bind(ExchangeRates { db: db.clone(), sources: sources.clone() })
        .build();
    let (loaded, registered, refreshed, ingress) = (db.clone(), db.clone(), db.clone(), platform.ingress.clone());
    let module = Module::new(ModuleName::Common, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    });
    Ok(module
        .with_routes(files::routes(db, files.store, files.signer))
        .with_start_task(move || {
            let db = registered.clone();
            async move { store::option_register(&db, &own_options()).await }
        })
        .with_start_task(move || {
            let (db, sources) = (refreshed.clone(), sources.clone());
            async move { refresh(&db, &sources).await.map(drop) }
        })
        .with_start_task(move || {
            let ingress = ingress.clone();
            async move {
                // Every start asks anew; a job itself knows whether its round goes on.
                let key = || OperationId::new().to_string();
                sweep_uploads::BEGIN.send_at_ingress(&ingress, sweep_uploads::KEY, key(), ()).await?;
                retention::BEGIN.send_at_ingress(&ingress, retention::KEY, key(), ()).await?;
                Ok(refresh_rates::BEGIN.send_at_ingress(&ingress, refresh_rates::KEY, key(), ()).await?)
            }
        }))
}

/// The places for files and the sources of coordinates that this module offers.
fn own_options() -> [ServiceOption; 4] {
    let files = OptionCategory::ObjectStore;
    let places = OptionCategory::Geocoding;
    let option = |category, id: &str, provider: &str, name: &str, description: &str, position| ServiceOption {
        id: id.to_owned(),
        category,
        provider: provider.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        position,
    };
    [
        option(
            files,
            "local-files",
            "local",
            "Local directory",
            "Files are kept in the data directory of this installation.",
            0,
        ),
        option(
            files,
            "remote-url",
            "remote",
            "Remote URL",
            "Files stay on another site and are known by their address.",
            1,
        ),
        option(places, "nominatim", "nominatim", "Nominatim", "Addresses are found by a server of OpenStreetMap's.", 0),
        option(
            places,
            "gazetteer",
            "built-in",
            "Gazetteer",
            "A small list of cities, for where there is no network.",
            1,
        ),
    ]
}
