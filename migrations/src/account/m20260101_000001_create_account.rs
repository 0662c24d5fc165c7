//! A person or a shop, and what it logs in with.

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
                CREATE TABLE account.account (
                    id uuid PRIMARY KEY,
                    username text,
                    email text,
                    phone text,
                    password_hash text NOT NULL,
                    name text NOT NULL,
                    description text NOT NULL DEFAULT '',
                    gender text,
                    date_of_birth date,
                    country text NOT NULL,
                    email_verified_at timestamptz,
                    phone_verified_at timestamptz,
                    is_admin boolean NOT NULL DEFAULT false,
                    suspended_at timestamptz,
                    suspension_reason text,
                    created_at timestamptz NOT NULL,
                    CONSTRAINT account_has_identifier
                        CHECK (username IS NOT NULL OR email IS NOT NULL OR phone IS NOT NULL),
                    CONSTRAINT account_phone_is_e164 CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
                    CONSTRAINT account_gender_known CHECK (gender IN ('FEMALE', 'MALE', 'OTHER')),
                    CONSTRAINT account_country_is_alpha2 CHECK (country ~ '^[A-Z]{2}$'),
                    CONSTRAINT account_suspension_has_reason
                        CHECK ((suspended_at IS NULL) = (suspension_reason IS NULL))
                );
                CREATE UNIQUE INDEX account_username_unique ON account.account (lower(username));
                CREATE UNIQUE INDEX account_email_unique ON account.account (lower(email));
                CREATE UNIQUE INDEX account_phone_unique ON account.account (phone);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.account;").await?;
        Ok(())
    }
}
