//! The order module from outside: what others may rely on.
//!
//! Its stores, its races and its graph are tested inside the crate (`src/tests`, `src/payment/tests`), where they can
//! reach what nobody else may.

mod boundary;
mod schema;
