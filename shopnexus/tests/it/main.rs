//! The program `shopnexus` from outside: how it starts, watches and ends engines, and what it says when it cannot.
//!
//! The engines are real; what is set wrong is set wrong for real.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod check;
mod deployment;
mod engines;
mod gauges;
mod program;
mod refusals;
mod registration;
mod up;
