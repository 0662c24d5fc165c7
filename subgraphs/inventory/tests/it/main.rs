//! The inventory module on a real database.

mod commands;
mod graph;
mod history;
mod imports;
mod races;
mod schema;
mod warehouse;
