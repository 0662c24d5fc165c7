//! Tables of the `chat` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000030_create_conversation;
mod m20260101_000031_create_message;
mod m20260101_000032_create_block;
mod m20260101_000033_add_message_images;
mod m20260101_000034_create_talk;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000030_create_conversation::Migration),
        Box::new(m20260101_000031_create_message::Migration),
        Box::new(m20260101_000032_create_block::Migration),
        Box::new(m20260101_000033_add_message_images::Migration),
        Box::new(m20260101_000034_create_talk::Migration),
    ]
}
