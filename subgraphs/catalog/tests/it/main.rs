//! The catalog module on a real database.

mod categories;
mod durable;
mod listing;
mod products;
mod reviews;
mod schema;
mod search;
mod shop;
mod skus;
mod statements;
