//! What the kit does with a real durable engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rounds;
