//! The catalog module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod categories;
mod durable;
mod embedding;
mod hardship;
mod indexing;
mod listing;
mod moderation;
mod prices;
mod products;
mod recommendations;
mod reviews;
mod schema;
mod search;
mod shop;
mod skus;
mod statements;
mod suggestions;
mod tree;
