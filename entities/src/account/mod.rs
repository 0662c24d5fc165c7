//! Rows of the `account` module.

#[expect(clippy::module_inception, reason = "the table bears the name of its module")]
pub mod account;
pub mod account_report;
pub mod block;
pub mod contact;
pub mod favorite;
pub mod follow;
pub mod inbox;
pub mod notification;
pub mod notification_preference;
pub mod one_time_token;
pub mod outbox_message;
pub mod payment_method;
pub mod published_product;
pub mod refresh_token;
pub mod session;
pub mod signing_key;
