//! What has come back of a use while a part of its item lives on.

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
    -- How much of the amount came back with units of the item; the use costs the rest.
    ALTER TABLE promotion.promotion_use
        ADD COLUMN returned_minor bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT promotion_use_returned CHECK (returned_minor BETWEEN 0 AND amount_minor);
"#;

const DOWN: &str = r#"
    ALTER TABLE promotion.promotion_use DROP COLUMN returned_minor;
"#;
