//! Carts, checkouts, pending items, orders, payments and shipments.
//!
//! Owns what happens between a cart and a delivered parcel. Stock, prices, contacts and notifications belong to other
//! modules, which it commands by durable calls; no status changes outside the stores of this crate, and every change
//! stands in an append-only history. It never keeps money: providers do.
//!
//! The module is large, so it is divided by subject: each folder holds the types, the resolvers, the store and the
//! durable handlers of one.

pub mod error;
pub mod gauges;
mod keeper;
pub mod schema;

// What all subjects share.
mod account;
mod addresses;
mod amounts;
mod feed;
mod input;
mod loaders;
mod operations;
mod references;
mod subscriptions;

// The subjects, in the order in which a purchase meets them.
mod cart;
mod checkout;
mod desk;
mod items;
mod ledger;
mod orders;
mod payment;
mod payout;
mod providers;
mod refund;
mod shipment;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_graphql::Request;
use contracts::common::OPTION_REGISTER;
use restate_sdk::endpoint::Endpoint;
use sea_orm::DatabaseConnection;
use service_kit::{Config, ConfigError, Module, ModuleName, Platform, StartError};

use crate::{
    checkout::workflows::submit_checkout::Checkout,
    desk::workflows::confirm_items::Confirmation,
    items::workflows::{
        release_items::PendingItems,
        watch_items::{self, ItemWatch},
    },
    loaders::Loaders,
    orders::workflows::verify_purchase::OrderDirectory,
    payment::workflows::{
        cancel_order::OrderCancellation,
        reconcile_payments::{self, Reconciliation},
        return_stray::StrayPayments,
        settle_payment::PaymentDesk,
    },
    payout::{Hold, workflows::decide_payout::PayoutDesk},
    providers::Providers,
    refund::{
        Rules,
        workflows::{
            answer_refund::RefundAnswers, pay_back::RefundPayments, request_refund::RefundRequests,
            return_goods::ReturnDesk,
        },
    },
    shipment::workflows::move_shipment::ShippingDesk,
};

/// The module's schema in GraphQL's own language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    service_kit::module::sdl(&schema::build().finish())
}

/// Builds the module: its pool, its graph, its providers and its durable handlers.
///
/// # Errors
/// The database cannot be reached, or a setting is unusable.
pub async fn module(platform: &Platform) -> Result<Module, StartError> {
    let db = platform.database(ModuleName::Order).await?;
    let providers = Providers::from_config(&platform.config, &platform.http, &db)?;
    let hold = Hold::from_config(&platform.config)?;
    let schema = schema::build().data(db.clone()).data(platform.clone()).data(providers.clone()).data(hold);
    let schema = schema.data(providers.switches(platform.peers.clone())).finish();
    let endpoint = endpoint(platform, &db, &providers)?;
    let loaded = db.clone();
    let (ingress, options) = (platform.ingress.clone(), providers.options());
    Ok(Module::new(ModuleName::Order, platform, &db, schema, endpoint, move |request| prepare(request, &loaded))
        .with_gauges(gauges::GAUGES)
        .with_routes(payment::webhooks::routes(platform, &providers))
        .with_routes(shipment::webhooks::routes(platform, &db, &providers))
        .with_start_task(move || {
            let (ingress, options) = (ingress.clone(), options.clone());
            async move {
                // A new key at each start: what this version offers replaces what the last one did.
                let key = kernel::OperationId::new().to_string();
                OPTION_REGISTER.send_at_ingress(&ingress, key, options).await?;
                let key = || kernel::OperationId::new().to_string();
                watch_items::BEGIN.send_at_ingress(&ingress, watch_items::KEY, key(), ()).await?;
                Ok(reconcile_payments::BEGIN.send_at_ingress(&ingress, reconcile_payments::KEY, key(), ()).await?)
            }
        }))
}

/// Adds to a request what lives as long as the request.
pub fn prepare(request: Request, db: &DatabaseConnection) -> Request {
    request.data(Loaders::new(db))
}

/// The durable handlers.
fn endpoint(platform: &Platform, db: &DatabaseConnection, providers: &Providers) -> Result<Endpoint, ConfigError> {
    let fee = ledger::platform_fee(&platform.config)?;
    let rules = Rules::from_config(&platform.config)?;
    let (db, platform, providers) = (db.clone(), platform.clone(), providers.clone());
    Ok(Endpoint::builder()
        .bind(keeper::Keeper { db: db.clone(), lifetimes: keeper::KEPT.lifetimes(&platform.config)? })
        .bind(Checkout {
            db: db.clone(),
            platform: platform.clone(),
            seller_deadline: seller_deadline(&platform.config)?,
        })
        .bind(ItemWatch { db: db.clone() })
        .bind(PendingItems { db: db.clone(), platform: platform.clone() })
        .bind(Confirmation { db: db.clone(), platform: platform.clone(), providers: providers.clone() })
        .bind(OrderDirectory { db: db.clone() })
        .bind(OrderCancellation { db: db.clone(), platform: platform.clone() })
        .bind(PaymentDesk {
            db: db.clone(),
            expiry: payment::expiry(&platform.config)?,
            platform: platform.clone(),
            providers: providers.clone(),
            fee,
        })
        .bind(StrayPayments { db: db.clone(), providers: providers.clone(), rules })
        .bind(RefundRequests { db: db.clone(), platform: platform.clone(), rules })
        .bind(RefundAnswers { db: db.clone(), platform: platform.clone(), rules })
        .bind(ReturnDesk { db: db.clone(), platform: platform.clone(), providers: providers.clone(), rules })
        .bind(RefundPayments { db: db.clone(), platform: platform.clone(), providers: providers.clone(), rules })
        .bind(Reconciliation {
            db: db.clone(),
            providers: providers.clone(),
            period: payment::reconciliation::period(&platform.config)?,
            retry: rules.retry,
        })
        .bind(PayoutDesk { db: db.clone() })
        .bind(ShippingDesk { mending: shipment::mending(&platform.config)?, db, platform, providers, fee })
        .build())
}

/// How long a seller may take to answer pending items: `SELLER_DEADLINE_SECONDS`, 48 hours when it is not set.
fn seller_deadline(config: &Config) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(config.setting_or("SELLER_DEADLINE_SECONDS", 48 * 60 * 60)?))
}
