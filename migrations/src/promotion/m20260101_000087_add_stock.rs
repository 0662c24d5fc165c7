//! Promotions each use of which takes a unit of a stock.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}

const UP: &str = r#"
    ALTER TABLE promotion.promotion ADD COLUMN stocked boolean NOT NULL DEFAULT false;
    ALTER TABLE promotion.promotion_use ADD COLUMN reservation_id uuid;
    CREATE INDEX promotion_use_by_reservation ON promotion.promotion_use (reservation_id)
        WHERE reservation_id IS NOT NULL;
"#;

const DOWN: &str = r#"
    ALTER TABLE promotion.promotion_use DROP COLUMN reservation_id;
    ALTER TABLE promotion.promotion DROP COLUMN stocked;
"#;
