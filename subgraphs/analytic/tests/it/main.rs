//! The analytic module on a real database.

mod graph;
mod recording;
mod schema;
mod trending;
