//! When the provider was asked for the last time what became of a payment that nobody paid.

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
    -- Null until the provider has answered after the payment's time was over: from then on it captures nothing.
    ALTER TABLE "order".payment ADD COLUMN reconciled_at timestamptz;
    CREATE INDEX payment_to_reconcile ON "order".payment (expires_at)
        WHERE reconciled_at IS NULL AND status IN ('PENDING', 'EXPIRED', 'FAILED') AND expires_at IS NOT NULL;
    CREATE INDEX refund_paying ON "order".refund (updated_at) WHERE status = 'PAYING';
"#;

const DOWN: &str = r#"
    DROP INDEX "order".refund_paying;
    ALTER TABLE "order".payment DROP COLUMN reconciled_at;
"#;
