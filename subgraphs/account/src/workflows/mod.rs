//! Durable handlers, one service a file.

pub(crate) mod notify;
pub(crate) mod read_directory;
