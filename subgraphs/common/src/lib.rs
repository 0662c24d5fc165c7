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

use contracts::common::{OPTIONS_DISABLED, OptionCategory, ServiceOption};
use kernel::OperationId;
use restate_sdk::endpoint::Endpoint;
use service_kit::{Config, Module, ModuleName, Platform, StartError};

use crate::{
    files::{BUCKET_OPTION, Files, HostNames, LOCAL_OPTION, REMOTE_OPTION},
    loaders::Loaders,
    places::Places,
    workflows::{
        attach_resources::Attachments,
        find_places::PlaceFinder,
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
    let places = Places::read(&platform.config, &platform.http, &db);
    let options = [&file_options(&platform.config)[..], &places.options()].concat();
    let sources = Arc::new(rates::sources(&platform.config, &platform.http)?);
    let schema = schema::build().data(db.clone()).data(files.clone()).data(places.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(Attachments { db: db.clone(), names: HostNames::of_this_machine() })
        .bind(PlaceFinder { places })
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
    let asked = db.clone();
    Ok(module
        .with_read(&OPTIONS_DISABLED, move |ids| {
            let db = asked.clone();
            async move { store::option_list_disabled(&db, &ids).await }
        })
        .with_routes(files::routes(db, files.store, files.signer))
        .with_start_task(move || {
            let (db, options) = (registered.clone(), options.clone());
            async move { store::option_register(&db, &options).await }
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

/// The places for files that this installation has.
fn file_options(config: &Config) -> [ServiceOption; 2] {
    let option = |id: &str, provider: &str, name: &str, description: &str, position| ServiceOption {
        id: id.to_owned(),
        category: OptionCategory::ObjectStore,
        provider: provider.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        position,
    };
    let own = match config.setting("S3_BUCKET") {
        Some(_) => option(
            BUCKET_OPTION,
            "s3",
            "Bucket",
            "Files are kept in a bucket of S3, or of what speaks its protocol.",
            0,
        ),
        None => {
            let description = "Files are kept in the data directory of this installation.";
            option(LOCAL_OPTION, "local", "Local directory", description, 0)
        }
    };
    let description = "Files stay on another site and are known by their address.";
    [own, option(REMOTE_OPTION, "remote", "Remote URL", description, 1)]
}
