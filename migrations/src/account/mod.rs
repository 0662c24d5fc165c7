//! Tables of the `account` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000001_create_account;
mod m20260101_000002_create_session;
mod m20260101_000003_create_signing_key;
mod m20260101_000004_create_contact;
mod m20260101_000005_create_favorite;
mod m20260101_000006_create_notification;
mod m20260101_000007_create_follow;

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
    ]
}
