//! The common module on a real database and a real directory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attachments;
mod desk;
mod options;
mod places;
mod rates;
mod schema;
mod uploads;
mod wire;
