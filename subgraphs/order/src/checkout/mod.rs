//! Checkout: from lines that a buyer wants to pending items with reserved stock, all or nothing.

pub(crate) mod input;
pub(crate) mod mutations;
pub(crate) mod prepare;
pub(crate) mod request;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod validate;
pub(crate) mod workflows;
