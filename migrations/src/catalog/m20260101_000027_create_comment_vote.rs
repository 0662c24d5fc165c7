//! Votes on comments: one for each account, up or down.

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
                CREATE TABLE catalog.comment_vote (
                    comment_id uuid NOT NULL CONSTRAINT comment_vote_comment_exists REFERENCES catalog.comment (id) ON DELETE CASCADE,
                    account_id uuid NOT NULL,
                    value smallint NOT NULL CONSTRAINT comment_vote_value CHECK (value IN (-1, 1)),
                    created_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT comment_vote_one_each PRIMARY KEY (comment_id, account_id)
                );
                CREATE INDEX comment_vote_by_account ON catalog.comment_vote (account_id);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.comment_vote;").await?;
        Ok(())
    }
}
