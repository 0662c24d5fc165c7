//! Durable handlers, one service a file.

pub(crate) mod delete_account;
pub(crate) mod fill_feeds;
pub(crate) mod issue_token;
pub(crate) mod locate_contact;
pub(crate) mod notify;
pub(crate) mod read_directory;
pub(crate) mod set_block;
