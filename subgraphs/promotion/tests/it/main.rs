//! The promotion module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod graph;
mod offers;
mod races;
mod redemptions;
mod schema;
mod shop;
