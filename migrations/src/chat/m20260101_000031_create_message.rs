//! Messages, numbered without gaps inside their conversation.

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
                CREATE TABLE chat.message (
                    id uuid PRIMARY KEY,
                    conversation_id uuid NOT NULL REFERENCES chat.conversation (id),
                    sequence bigint NOT NULL CHECK (sequence > 0),
                    sender_id uuid NOT NULL,
                    kind text NOT NULL CHECK (kind IN ('text', 'image', 'system')),
                    body text NOT NULL CHECK (char_length(body) <= 4000),
                    product_id uuid,
                    order_id uuid,
                    client_id text,
                    created_at timestamptz NOT NULL,
                    CONSTRAINT message_sequence UNIQUE (conversation_id, sequence),
                    CONSTRAINT message_client_id UNIQUE (conversation_id, sender_id, client_id)
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE chat.message;").await?;
        Ok(())
    }
}
