//! Tables of the `promotion` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000080_create_promotion;
mod m20260101_000081_create_promotion_target;
mod m20260101_000082_create_promotion_use;
mod m20260101_000083_add_cashback;
mod m20260101_000084_add_windows;
mod m20260101_000085_create_shipping_redemption;
mod m20260101_000086_add_returned_part;
mod m20260101_000087_add_stock;
mod m20260101_000088_index_units;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000080_create_promotion::Migration),
        Box::new(m20260101_000081_create_promotion_target::Migration),
        Box::new(m20260101_000082_create_promotion_use::Migration),
        Box::new(m20260101_000083_add_cashback::Migration),
        Box::new(m20260101_000084_add_windows::Migration),
        Box::new(m20260101_000085_create_shipping_redemption::Migration),
        Box::new(m20260101_000086_add_returned_part::Migration),
        Box::new(m20260101_000087_add_stock::Migration),
        Box::new(m20260101_000088_index_units::Migration),
    ]
}
