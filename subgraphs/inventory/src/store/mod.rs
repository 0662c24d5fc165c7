//! The module's SQL.
//!
//! Every command is one transaction: it claims its operation id, changes counters and serials, and keeps its answer
//! under the id. Locks are taken in one order everywhere, so that no two commands wait for each other: the operation,
//! reservations by id, stocks by id, serials. Counters change by [`counters`] alone.

pub mod adjustments;
pub mod counters;
pub mod history;
pub mod imports;
pub mod operations;
pub mod provisions;
pub mod reservations;
pub mod returns;
pub mod serials;
pub mod settlements;
pub mod stocks;
