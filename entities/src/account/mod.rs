//! Rows of the `account` module.

#[expect(clippy::module_inception, reason = "the table bears the name of its module")]
pub mod account;
pub mod contact;
pub mod favorite;
pub mod follow;
pub mod inbox;
pub mod notification;
pub mod refresh_token;
pub mod session;
pub mod signing_key;
