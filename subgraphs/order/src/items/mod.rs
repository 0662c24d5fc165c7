//! Order items: what a buyer checked out, from pending to its end.

pub(crate) mod mutations;
pub(crate) mod release;
pub(crate) mod search;
pub(crate) mod store;
pub(crate) mod types;
pub(crate) mod waiting;
pub(crate) mod workflows;
