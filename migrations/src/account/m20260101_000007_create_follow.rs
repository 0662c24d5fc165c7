//! Who follows whom.

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
                CREATE TABLE account.follow (
                    follower_id uuid NOT NULL CONSTRAINT follow_follower REFERENCES account.account (id),
                    followed_id uuid NOT NULL CONSTRAINT follow_followed REFERENCES account.account (id),
                    created_at timestamptz NOT NULL,
                    PRIMARY KEY (follower_id, followed_id),
                    CONSTRAINT follow_somebody_else CHECK (follower_id <> followed_id)
                );
                CREATE INDEX follow_followers ON account.follow (followed_id, created_at DESC, follower_id DESC);
                CREATE INDEX follow_following ON account.follow (follower_id, created_at DESC, followed_id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.follow;").await?;
        Ok(())
    }
}
