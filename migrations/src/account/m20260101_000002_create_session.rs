//! Log-ins, and the refresh tokens that keep them alive.

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
                CREATE TABLE account.session (
                    id uuid PRIMARY KEY,
                    account_id uuid NOT NULL CONSTRAINT session_account REFERENCES account.account (id),
                    device text NOT NULL DEFAULT '',
                    created_at timestamptz NOT NULL,
                    refreshed_at timestamptz NOT NULL,
                    expires_at timestamptz NOT NULL,
                    ended_at timestamptz,
                    end_reason text,
                    CONSTRAINT session_end_reason_known CHECK (
                        end_reason IN ('LOGGED_OUT', 'REVOKED', 'TOKEN_REUSED', 'PASSWORD_CHANGED', 'SUSPENDED')
                    ),
                    CONSTRAINT session_end_has_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
                );
                CREATE INDEX session_by_account ON account.session (account_id, refreshed_at DESC);

                -- Used tokens stay as long as their session lives: one that comes back was stolen.
                CREATE TABLE account.refresh_token (
                    hash text PRIMARY KEY,
                    session_id uuid NOT NULL
                        CONSTRAINT refresh_token_session REFERENCES account.session (id) ON DELETE CASCADE,
                    issued_at timestamptz NOT NULL,
                    used_at timestamptz,
                    CONSTRAINT refresh_token_hash_is_sha256 CHECK (hash ~ '^[0-9a-f]{64}$')
                );
                CREATE UNIQUE INDEX refresh_token_one_fresh ON account.refresh_token (session_id)
                    WHERE used_at IS NULL;
                CREATE INDEX refresh_token_by_session ON account.refresh_token (session_id);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.refresh_token, account.session;").await?;
        Ok(())
    }
}
