//! What tests stand on: a database of their own, and a whole running marketplace to talk to.
//!
//! Nothing here imitates an engine. `cargo xtask test` starts PostgreSQL, Redis and Restate and exports their addresses;
//! a test that runs without them fails with a sentence that says so.

mod client;
mod database;
mod stack;

pub use client::{Client, EventStream, Reply, Subscription};
pub use database::TestDatabase;
pub use stack::{Layout, Member, Stack};
