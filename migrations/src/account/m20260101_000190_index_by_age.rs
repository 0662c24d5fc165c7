//! Indexes by which old rows are found, so that retention never scans a table.

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
                DROP INDEX account.notification_by_age;
                DROP INDEX account.one_time_token_over;
                DROP INDEX account.session_over;
                "#,
            )
            .await?;
        Ok(())
    }
}
