//! The account module, served on a port of its own with real engines behind it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod contacts;
mod durable;
mod limits;
mod moderation;
mod payment_methods;
mod profile;
mod recovery;
mod registration;
mod schema;
mod sessions;
mod site;
mod social;
mod statements;
mod tokens;
