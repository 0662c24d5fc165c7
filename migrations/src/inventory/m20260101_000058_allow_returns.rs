//! Units that come back: what was sold returns to the stock, or is written off.

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
    ALTER TABLE inventory.operation DROP CONSTRAINT operation_command_known;
    ALTER TABLE inventory.operation ADD CONSTRAINT operation_command_known CHECK (command IN
        ('PROVISION', 'RESERVE', 'RELEASE', 'COMMIT', 'IMPORT', 'ADJUST', 'ARRIVE', 'TAKE_BACK'));
    ALTER TABLE inventory.stock_history DROP CONSTRAINT stock_history_kind_known;
    ALTER TABLE inventory.stock_history ADD CONSTRAINT stock_history_kind_known CHECK (kind IN
        ('IMPORT', 'ADJUST', 'RESERVE', 'RELEASE', 'COMMIT', 'RETURN', 'DAMAGE'));
    -- No more of a reservation comes back than was sold by it.
    ALTER TABLE inventory.reservation ADD COLUMN returned bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT reservation_returned CHECK (
            returned BETWEEN 0 AND CASE status WHEN 'COMMITTED' THEN quantity ELSE 0 END);
"#;

const DOWN: &str = r#"
    ALTER TABLE inventory.reservation DROP COLUMN returned;
    ALTER TABLE inventory.stock_history DROP CONSTRAINT stock_history_kind_known;
    ALTER TABLE inventory.stock_history ADD CONSTRAINT stock_history_kind_known CHECK (kind IN
        ('IMPORT', 'ADJUST', 'RESERVE', 'RELEASE', 'COMMIT')) NOT VALID;
    ALTER TABLE inventory.operation DROP CONSTRAINT operation_command_known;
    ALTER TABLE inventory.operation ADD CONSTRAINT operation_command_known CHECK (command IN
        ('PROVISION', 'RESERVE', 'RELEASE', 'COMMIT', 'IMPORT', 'ADJUST')) NOT VALID;
"#;
