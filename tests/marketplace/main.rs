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
mod degradation;
mod errors;
mod import;
mod kill;
mod lossless;
mod matrix;
mod offers;
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
mod sharing;
mod stage;
mod story;
mod telemetry;
mod trace;
mod without_redis;
