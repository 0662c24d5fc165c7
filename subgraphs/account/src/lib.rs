//! Accounts: who somebody is, how they prove it, where they want their parcels, and what they have been told.
//!
//! Owns accounts, sessions and the keys of access tokens, contacts, favorites, follows and notifications. It alone issues
//! and revokes tokens; every other module verifies them by itself. It knows products only by their ids.

mod contacts;
mod countries;
mod error;
mod identifiers;
mod keys;
mod limits;
pub mod loaders;
mod mutations;
mod passwords;
mod queries;
mod registration;
pub mod schema;
mod sessions;
mod store;
mod subscriptions;
mod types;
mod workflows;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Module, ModuleName, Platform, StartError};

use crate::{
    loaders::Loaders,
    schema::Settings,
    workflows::{notify::Notifications, read_directory::AccountDirectory},
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its first signing key, its graph, its durable handlers and the route of its public keys.
///
/// # Errors
/// A setting is unusable, or the database cannot be reached or is not migrated.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let settings = Settings::read(&platform.config)?;
    let db = platform.database(ModuleName::Account).await?;
    keys::ensure(&db).await.map_err(|error| start_error("account has no signing key and cannot make one", error))?;
    passwords::warm_up().await.map_err(|error| start_error("account cannot hash passwords", error))?;
    let schema = schema::build().data(db.clone()).data(platform.clone()).data(settings).finish();
    let endpoint = Endpoint::builder()
        .bind(Notifications { db: db.clone(), live: platform.live.clone() })
        .bind(AccountDirectory { db: db.clone() })
        .build();
    let loaded = db.clone();
    let module = Module::new(ModuleName::Account, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    });
    Ok(module.with_routes(Router::new().route("/.well-known/jwks.json", get(jwks)).with_state(db)))
}

fn start_error(what: &str, error: Error) -> StartError {
    let source = match error {
        Error::Internal(fault) => Some(fault.into()),
        _ => None,
    };
    StartError::Other(what.to_owned(), source)
}

/// The public keys that verify access tokens, as a JWKS ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
async fn jwks(State(db): State<DatabaseConnection>) -> Response {
    match keys::published(&db).await {
        Ok(keys) => ([(header::CACHE_CONTROL, "public, max-age=60")], Json(keys)).into_response(),
        Err(error) => {
            tracing::error!(?error, "the public keys cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
