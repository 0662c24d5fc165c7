//! Who does not want to hear from whom.

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
                CREATE TABLE account.block (
                    blocker_id uuid NOT NULL CONSTRAINT block_blocker REFERENCES account.account (id),
                    blocked_id uuid NOT NULL CONSTRAINT block_blocked REFERENCES account.account (id),
                    created_at timestamptz NOT NULL,
                    PRIMARY KEY (blocker_id, blocked_id),
                    CONSTRAINT block_somebody_else CHECK (blocker_id <> blocked_id)
                );
                CREATE INDEX block_newest ON account.block (blocker_id, created_at DESC, blocked_id DESC);
                CREATE INDEX block_of ON account.block (blocked_id);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.block;").await?;
        Ok(())
    }
}
