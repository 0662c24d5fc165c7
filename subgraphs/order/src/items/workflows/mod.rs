//! Durable handlers about pending items.

pub(crate) mod release_items;
pub(crate) mod watch_items;
