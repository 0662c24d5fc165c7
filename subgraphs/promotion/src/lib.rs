//! Promotions of sellers and of the platform, and the one function that prices anything.
//!
//! Owns promotions, what they are about, and what has been used of them. The pricing engine ([`pricing`]) is pure and
//! serves the card, the cart and the checkout alike. It never decides what a product costs before promotions, and knows
//! products, SKUs and categories only by their ids.

mod keeper;
pub mod pricing;
pub mod store;

mod cashback;
mod draft;
pub mod error;
mod hours;
mod inputs;
pub mod loaders;
mod mutations;
mod offers;
mod queries;
pub mod schema;
mod types;
mod workflows;

use chrono::Utc;
use contracts::promotion::{PRICES, PriceQuote, PriceRequest};
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use service_kit::{Module, ModuleName, Platform, Result, StartError};

use crate::{
    loaders::Loaders,
    workflows::{
        price_checkout::PromotionPricing,
        switch_promotions::{BEGIN, KEY, PromotionClock},
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
    let db = platform.database(ModuleName::Promotion).await?;
    let schema = schema::build().data(db.clone()).data(platform.ingress.clone()).finish();
    let endpoint = Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(PromotionPricing { db: db.clone() })
        .bind(PromotionClock { db: db.clone() })
        .build();
    let (loaded, asked, ingress) = (db.clone(), db.clone(), platform.ingress.clone());
    Ok(Module::new(ModuleName::Promotion, platform, &db, schema, endpoint, move |request| {
        request.data(Loaders::new(&loaded))
    })
    .with_read(&PRICES, move |request| quote(asked.clone(), request))
    .with_start_task(move || {
        let ingress = ingress.clone();
        async move {
            // A new key at each start: the clock itself knows whether it goes already.
            Ok(BEGIN.send_at_ingress(&ingress, KEY, kernel::OperationId::new().to_string(), ()).await?)
        }
    }))
}

/// Prices lines by the promotions of this moment, and counts nothing.
async fn quote(db: DatabaseConnection, request: PriceRequest) -> Result<PriceQuote> {
    let now = Utc::now();
    let rows = store::candidate_list(&db, &request, now).await?;
    let candidates: Vec<_> = rows.into_iter().map(|(_, candidate)| candidate).collect();
    pricing::price(&request, &candidates, now).map_err(store::unpriceable)
}
