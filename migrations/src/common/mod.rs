//! Tables of the `common` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000040_create_resource;
mod m20260101_000041_create_attachment;
mod m20260101_000042_create_service_option;
mod m20260101_000043_create_exchange_rate;
mod m20260101_000044_add_resource_age_index;
mod m20260101_000190_index_resources_by_owner;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000040_create_resource::Migration),
        Box::new(m20260101_000041_create_attachment::Migration),
        Box::new(m20260101_000042_create_service_option::Migration),
        Box::new(m20260101_000043_create_exchange_rate::Migration),
        Box::new(m20260101_000044_add_resource_age_index::Migration),
        Box::new(m20260101_000190_index_resources_by_owner::Migration),
    ]
}
