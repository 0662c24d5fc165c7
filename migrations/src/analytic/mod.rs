//! Tables of the `analytic` module.

use sea_orm_migration::MigrationTrait;

mod m20260101_000010_create_interaction;
mod m20260101_000011_create_popularity;
mod m20260101_000012_create_popularity_day;
mod m20260101_000110_create_sale;
mod m20260101_000111_create_recent_view;
mod m20260101_000112_index_best_sold;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20260101_000010_create_interaction::Migration),
        Box::new(m20260101_000011_create_popularity::Migration),
        Box::new(m20260101_000012_create_popularity_day::Migration),
        Box::new(m20260101_000110_create_sale::Migration),
        Box::new(m20260101_000111_create_recent_view::Migration),
        Box::new(m20260101_000112_index_best_sold::Migration),
    ]
}
