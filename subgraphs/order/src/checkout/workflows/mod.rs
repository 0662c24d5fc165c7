//! Durable handlers of checkouts.

pub(crate) mod submit_checkout;
