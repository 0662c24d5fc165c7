//! Durable handlers, one service a file.

pub(crate) mod copy_block;
pub(crate) mod post_system_message;
