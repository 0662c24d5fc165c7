//! The running marketplace, through its router.
//!
//! Most tests share one marketplace, started by `shopnexus up` as a developer starts it, and keep to accounts of their
//! own. The tests that kill something, or lay the modules out differently, start another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aftersales;
mod backup;
mod bad_input;
mod boundary;
mod cancelled;
mod cards;
mod carrier;
mod crashes;
mod deadlines;
mod degradation;
mod errors;
mod following;
mod import;
mod ipn;
mod kill;
mod lossless;
mod low_stock;
mod matrix;
mod offers;
mod pages;
mod people;
mod privacy;
mod processes;
mod races;
mod recommendations;
mod reconciliation;
mod sale_talk;
mod sales;
mod search;
mod seed;
mod sellers;
mod sharing;
mod stage;
mod story;
mod strays;
mod telemetry;
mod trace;
mod unbooked;
mod without_redis;
