//! The analytic module on a real database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dashboard;
mod graph;
mod recording;
mod schema;
mod taste;
mod trending;
