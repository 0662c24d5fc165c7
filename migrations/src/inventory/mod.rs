//! Tables of the `inventory` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000050_create_operation;
mod m20260101_000051_create_stock;
mod m20260101_000052_create_reservation;
mod m20260101_000053_create_serial;
mod m20260101_000054_create_stock_history;
mod m20260101_000055_index_stock_changes;
mod m20260101_000056_add_serial_import;
mod m20260101_000058_allow_returns;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000050_create_operation::Migration),
        Box::new(m20260101_000051_create_stock::Migration),
        Box::new(m20260101_000052_create_reservation::Migration),
        Box::new(m20260101_000053_create_serial::Migration),
        Box::new(m20260101_000054_create_stock_history::Migration),
        Box::new(m20260101_000055_index_stock_changes::Migration),
        Box::new(m20260101_000056_add_serial_import::Migration),
        Box::new(m20260101_000058_allow_returns::Migration),
    ]
}
