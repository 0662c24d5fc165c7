//! By which import a serial came in, so that the same import again can be answered without keeping its serials twice.

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
    ALTER TABLE inventory.serial
        ADD COLUMN operation_id uuid CONSTRAINT serial_of_operation REFERENCES inventory.operation;
    CREATE INDEX serial_operation ON inventory.serial (operation_id, id) WHERE operation_id IS NOT NULL;
    -- The newest changes of one kind.
    CREATE INDEX stock_history_stock_kind ON inventory.stock_history (stock_id, kind, id);
"#;

const DOWN: &str = r#"
    DROP INDEX inventory.stock_history_stock_kind;
    ALTER TABLE inventory.serial DROP COLUMN operation_id;
"#;
