//! Durable handlers of the seller's desk.

pub(crate) mod confirm_items;
