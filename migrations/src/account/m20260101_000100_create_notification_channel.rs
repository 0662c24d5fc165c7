//! By which ways besides the inbox an account wants to be told, and by which it was.

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
                CREATE TABLE account.notification_preference (
                    account_id uuid PRIMARY KEY
                        CONSTRAINT notification_preference_account REFERENCES account.account (id),
                    email boolean NOT NULL,
                    sms boolean NOT NULL
                );
                ALTER TABLE account.notification
                    ADD COLUMN channels text[] NOT NULL DEFAULT '{IN_APP}',
                    ADD CONSTRAINT notification_channels_known
                        CHECK (channels <@ '{IN_APP,EMAIL,SMS}' AND 'IN_APP' = ANY (channels));
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                "ALTER TABLE account.notification DROP COLUMN channels; DROP TABLE account.notification_preference;",
            )
            .await?;
        Ok(())
    }
}
