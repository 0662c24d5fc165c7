//! Tables of the `catalog` module.

use sea_orm_migration::MigrationTrait;

/// The module's migrations, in order.
pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![]
}
