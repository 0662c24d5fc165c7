//! Accounts: who somebody is, how they prove it, where they want their parcels, and what they have been told.
//!
//! Owns accounts, sessions and the keys of access tokens, contacts, payment methods, favorites, follows, blocks, reports
//! and notifications. It alone issues and revokes tokens; every other module verifies them by itself. It knows products only by their ids.

mod contacts;
mod countries;
mod delivery;
mod error;
pub mod gauges;
mod identifiers;
mod keeper;
mod keys;
mod limits;
pub mod loaders;
mod mutations;
mod one_time_tokens;
mod passwords;
mod payment_methods;
mod providers;
mod queries;
mod registration;
pub mod schema;
mod sessions;
mod store;
mod subscriptions;
mod types;
#[cfg(test)]
mod vendor;
mod workflows;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use contracts::account::{ACCOUNTS, PARTIES};
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Module, ModuleName, Platform, StartError, config::Environment};

use crate::{
    delivery::Delivery,
    loaders::Loaders,
    providers::Tokenisers,
    schema::Settings,
    workflows::{
        delete_account::{AccountData, AccountDeletion},
        fill_feeds::Feeds,
        issue_token::OneTimeTokens,
        locate_contact::ContactPositions,
        notify::Notifications,
        read_directory::{AccountDirectory, parties, summaries},
        set_block::AccountBlocks,
    },
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
    let delivery = Delivery::read(&platform.config, &db, &platform.http)?;
    let tokenisers = Tokenisers::read(&platform.config, &platform.http)?;
    let data = schema::build().data(db.clone()).data(platform.clone()).data(settings);
    let schema = data.data(delivery.clone()).data(tokenisers).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(Notifications { db: db.clone(), live: platform.live.clone(), delivery: delivery.clone() })
        .bind(OneTimeTokens { db: db.clone(), delivery })
        .bind(AccountDirectory { db: db.clone() })
        .bind(AccountBlocks { db: db.clone() })
        .bind(ContactPositions { db: db.clone() })
        .bind(Feeds { db: db.clone() })
        .bind(AccountDeletion { db: db.clone(), redis: platform.redis.clone() })
        .bind(AccountData)
        .build();
    let loaded = db.clone();
    let module = Module::new(ModuleName::Account, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    })
    .with_gauges(gauges::GAUGES);
    let mut routes = Router::new().route("/.well-known/jwks.json", get(jwks));
    if platform.config.environment == Environment::Development {
        routes = routes.route("/development/outbox", get(delivery::page));
    }
    let (of_parties, of_accounts) = (db.clone(), db.clone());
    Ok(module
        .with_read(&PARTIES, move |wanted| parties(of_parties.clone(), wanted))
        .with_read(&ACCOUNTS, move |ids| summaries(of_accounts.clone(), ids))
        .with_routes(routes.with_state(db)))
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
