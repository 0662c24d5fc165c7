//! The promotion module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cashback;
mod graph;
mod offers;
mod races;
mod redemptions;
mod schedules;
mod schema;
mod shipping;
mod shop;
