//! What would have been mailed, for development.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                r#"
                CREATE TABLE account.outbox_message (
                    id uuid PRIMARY KEY,
                    medium text NOT NULL CONSTRAINT outbox_medium_known CHECK (medium IN ('EMAIL', 'SMS')),
                    destination text NOT NULL,
                    subject text NOT NULL,
                    body text NOT NULL,
                    created_at timestamptz NOT NULL
                );
                CREATE INDEX outbox_message_newest ON account.outbox_message (destination, created_at DESC);
                CREATE INDEX outbox_message_by_age ON account.outbox_message (created_at);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.outbox_message;").await?;
        Ok(())
    }
}
