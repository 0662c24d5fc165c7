//! The inventory module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod graph;
mod history;
mod imports;
mod races;
mod returns;
mod schema;
mod warehouse;
