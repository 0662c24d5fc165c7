//! The seller's desk: pending items that wait for an answer, what their transport costs, and their confirmation.

pub(crate) mod confirmation;
pub(crate) mod mutations;
pub(crate) mod selection;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod workflows;
