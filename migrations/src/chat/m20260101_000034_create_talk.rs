//! Who began to talk to whom, and when it was answered.

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
                CREATE TABLE chat.talk (
                    conversation_id uuid NOT NULL REFERENCES chat.conversation (id),
                    -- Of the message that began it.
                    sequence bigint NOT NULL,
                    addressee_id uuid NOT NULL,
                    began_at timestamptz NOT NULL,
                    answered_at timestamptz,
                    PRIMARY KEY (conversation_id, sequence),
                    CONSTRAINT talk_answered_later CHECK (answered_at >= began_at)
                );
                CREATE INDEX talk_of ON chat.talk (addressee_id, began_at);
                CREATE INDEX talk_unanswered ON chat.talk (conversation_id, addressee_id) WHERE answered_at IS NULL;
                CREATE INDEX talk_age ON chat.talk (began_at);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE chat.talk;").await?;
        Ok(())
    }
}
