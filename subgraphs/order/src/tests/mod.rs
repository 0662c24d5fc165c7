//! The stores and the graph on a real Postgres.

mod carts;
mod checkouts;
mod desk;
mod feeds;
mod graph;
mod orders;
mod pending_items;
pub(crate) mod samples;
mod waiting;
