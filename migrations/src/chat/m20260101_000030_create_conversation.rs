//! One conversation for each pair of accounts, and what each of the two has read.

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
                CREATE TABLE chat.conversation (
                    id uuid PRIMARY KEY,
                    lower_account_id uuid NOT NULL,
                    upper_account_id uuid NOT NULL,
                    last_sequence bigint NOT NULL DEFAULT 0 CHECK (last_sequence >= 0),
                    active_at timestamptz NOT NULL,
                    created_at timestamptz NOT NULL,
                    CONSTRAINT conversation_pair UNIQUE (lower_account_id, upper_account_id),
                    CONSTRAINT conversation_of_two CHECK (lower_account_id < upper_account_id)
                );

                CREATE TABLE chat.participant (
                    conversation_id uuid NOT NULL REFERENCES chat.conversation (id),
                    account_id uuid NOT NULL,
                    read_sequence bigint NOT NULL DEFAULT 0 CHECK (read_sequence >= 0),
                    unread_count integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
                    active_at timestamptz NOT NULL,
                    PRIMARY KEY (conversation_id, account_id)
                );
                CREATE INDEX participant_inbox ON chat.participant (account_id, active_at DESC, conversation_id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE chat.participant, chat.conversation;").await?;
        Ok(())
    }
}
