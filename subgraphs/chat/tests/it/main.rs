//! The chat module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod graph;
mod live;
mod messages;
mod responses;
mod schema;
