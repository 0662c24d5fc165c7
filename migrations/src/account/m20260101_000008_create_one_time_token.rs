//! Secrets that prove an email address or a phone number, or let somebody set a new password.

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
                CREATE TABLE account.one_time_token (
                    account_id uuid NOT NULL CONSTRAINT one_time_token_account REFERENCES account.account (id),
                    purpose text NOT NULL,
                    -- Where it was sent: what it proves.
                    destination text NOT NULL,
                    token_hash text NOT NULL,
                    attempts integer NOT NULL DEFAULT 0,
                    created_at timestamptz NOT NULL,
                    expires_at timestamptz NOT NULL,
                    PRIMARY KEY (account_id, purpose),
                    CONSTRAINT one_time_token_purpose_known
                        CHECK (purpose IN ('VERIFY_EMAIL', 'VERIFY_PHONE', 'RESET_PASSWORD')),
                    CONSTRAINT one_time_token_is_hashed CHECK (token_hash ~ '^[0-9a-f]{64}$'),
                    CONSTRAINT one_time_token_ends CHECK (expires_at > created_at)
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.one_time_token;").await?;
        Ok(())
    }
}
