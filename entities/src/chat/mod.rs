//! Rows of the `chat` module.

pub mod block;
pub mod conversation;
pub mod message;
pub mod participant;
