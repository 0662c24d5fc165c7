//! Orders: their states, their totals, and who may see them.

pub(crate) mod queries;
pub(crate) mod store;
pub(crate) mod totals;
pub(crate) mod types;
pub(crate) mod workflows;
