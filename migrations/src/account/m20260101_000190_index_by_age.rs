//! Indexes by which old rows are found, so that retention never scans a table, and the number up to which the
//! notifications of an account went, so that a lost one is told from an old one.

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
                CREATE INDEX session_over ON account.session (coalesce(ended_at, expires_at));
                CREATE INDEX one_time_token_over ON account.one_time_token (expires_at);
                CREATE INDEX notification_by_age ON account.notification (created_at);
                ALTER TABLE account.inbox ADD COLUMN purged_through bigint NOT NULL DEFAULT 0,
                    ADD CONSTRAINT inbox_keeps_the_newest CHECK (purged_through >= 0 AND purged_through < last_sequence);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                r#"
                ALTER TABLE account.inbox DROP COLUMN purged_through;
                DROP INDEX account.notification_by_age;
                DROP INDEX account.one_time_token_over;
                DROP INDEX account.session_over;
                "#,
            )
            .await?;
        Ok(())
    }
}
