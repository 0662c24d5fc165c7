//! Durable handlers.

pub(crate) mod post_system_message;
