//! Chat between any two accounts.
//!
//! Owns conversations, messages and what has been read, and a copy of who blocks whom. A message has a number inside its conversation, without gaps,
//! and nothing is lost: a subscription replays from the database before it goes live. It never decides who may order or
//! sell, and knows products and orders only by their ids.

pub mod error;
mod keeper;
pub mod loaders;
mod mutations;
pub mod presence;
mod queries;
pub mod schema;
pub mod store;
mod subscriptions;
mod types;
mod workflows;

use restate_sdk::endpoint::Endpoint;
use service_kit::{Module, ModuleName, Platform, StartError};

use crate::{
    loaders::Loaders,
    workflows::{copy_block::ChatBlocks, post_system_message::ChatMessages},
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
    let db = platform.database(ModuleName::Chat).await?;
    let schema = schema::build().data(db.clone()).data(platform.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(ChatMessages { db: db.clone(), live: platform.live.clone() })
        .bind(ChatBlocks { db: db.clone() })
        .build();
    let (loaded, redis) = (db.clone(), platform.redis.clone());
    Ok(Module::new(ModuleName::Chat, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded, &redis))
    }))
}
