//! What the kit does with real engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod live;
mod rounds;
