//! The promotion module on a real database.

mod graph;
mod offers;
mod races;
mod redemptions;
mod schema;
mod shop;
