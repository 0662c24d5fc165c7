//! Notifications, numbered for each account without gaps.

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
                CREATE TABLE account.inbox (
                    account_id uuid PRIMARY KEY CONSTRAINT inbox_account REFERENCES account.account (id),
                    last_sequence bigint NOT NULL,
                    CONSTRAINT inbox_counts_up CHECK (last_sequence > 0)
                );

                CREATE TABLE account.notification (
                    id uuid PRIMARY KEY,
                    account_id uuid NOT NULL CONSTRAINT notification_account REFERENCES account.account (id),
                    sequence bigint NOT NULL,
                    -- The list of kinds stands in the contract between the modules.
                    kind text NOT NULL,
                    title text NOT NULL,
                    content text NOT NULL,
                    metadata jsonb NOT NULL,
                    created_at timestamptz NOT NULL,
                    read_at timestamptz,
                    CONSTRAINT notification_sequence UNIQUE (account_id, sequence),
                    CONSTRAINT notification_kind_is_a_name CHECK (kind ~ '^[A-Z][A-Z_]*$')
                );
                CREATE INDEX notification_unread ON account.notification (account_id, sequence)
                    WHERE read_at IS NULL;
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.notification, account.inbox;").await?;
        Ok(())
    }
}
