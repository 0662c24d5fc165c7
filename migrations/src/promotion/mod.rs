//! Tables of the `promotion` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000080_create_promotion;
mod m20260101_000081_create_promotion_target;
mod m20260101_000082_create_promotion_use;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000080_create_promotion::Migration),
        Box::new(m20260101_000081_create_promotion_target::Migration),
        Box::new(m20260101_000082_create_promotion_use::Migration),
    ]
}
