//! The account module, served on a port of its own with real engines behind it.

mod contacts;
mod durable;
mod limits;
mod moderation;
mod profile;
mod registration;
mod schema;
mod sessions;
mod site;
mod statements;
mod tokens;
