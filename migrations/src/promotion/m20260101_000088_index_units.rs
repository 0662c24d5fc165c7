//! Uses that hold a unit of a stock, by the checkout that counted them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let up = "CREATE INDEX promotion_use_units_by_operation ON promotion.promotion_use (operation_id)
            WHERE reservation_id IS NOT NULL;";
        manager.get_connection().execute_unprepared(up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP INDEX promotion.promotion_use_units_by_operation;";
        manager.get_connection().execute_unprepared(down).await.map(drop)
    }
}
