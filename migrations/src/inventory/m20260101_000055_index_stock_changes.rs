//! Finding the stocks that changed lately, for those who follow availability.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE INDEX stock_changes ON inventory.stock (updated_at, ref_id) WHERE ref_type = 'PRODUCT_SKU';";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX inventory.stock_changes;").await.map(drop)
    }
}
