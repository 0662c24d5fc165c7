//! Tables of the `account` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000001_create_account;
mod m20260101_000002_create_session;
mod m20260101_000003_create_signing_key;
mod m20260101_000004_create_contact;
mod m20260101_000005_create_favorite;
mod m20260101_000006_create_notification;
mod m20260101_000007_create_follow;
mod m20260101_000008_create_one_time_token;
mod m20260101_000009_create_outbox_message;
mod m20260101_000100_create_notification_channel;
mod m20260101_000101_create_block;
mod m20260101_000102_create_account_report;
mod m20260101_000103_create_published_product;
mod m20260101_000104_create_payment_method;
mod m20260101_000190_index_by_age;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000001_create_account::Migration),
        Box::new(m20260101_000002_create_session::Migration),
        Box::new(m20260101_000003_create_signing_key::Migration),
        Box::new(m20260101_000004_create_contact::Migration),
        Box::new(m20260101_000005_create_favorite::Migration),
        Box::new(m20260101_000006_create_notification::Migration),
        Box::new(m20260101_000007_create_follow::Migration),
        Box::new(m20260101_000008_create_one_time_token::Migration),
        Box::new(m20260101_000009_create_outbox_message::Migration),
        Box::new(m20260101_000100_create_notification_channel::Migration),
        Box::new(m20260101_000101_create_block::Migration),
        Box::new(m20260101_000102_create_account_report::Migration),
        Box::new(m20260101_000103_create_published_product::Migration),
        Box::new(m20260101_000104_create_payment_method::Migration),
        Box::new(m20260101_000190_index_by_age::Migration),
    ]
}
