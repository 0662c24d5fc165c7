//! The keys that sign access tokens.

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
                CREATE TABLE account.signing_key (
                    kid text PRIMARY KEY,
                    private_key bytea NOT NULL,
                    public_key bytea NOT NULL,
                    created_at timestamptz NOT NULL,
                    retired_at timestamptz,
                    CONSTRAINT signing_key_is_ed25519 CHECK (octet_length(public_key) = 32)
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.signing_key;").await?;
        Ok(())
    }
}
