//! Products that an account has marked.

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
                CREATE TABLE account.favorite (
                    account_id uuid NOT NULL CONSTRAINT favorite_account REFERENCES account.account (id),
                    product_id uuid NOT NULL,
                    created_at timestamptz NOT NULL,
                    PRIMARY KEY (account_id, product_id)
                );
                CREATE INDEX favorite_newest ON account.favorite (account_id, created_at DESC, product_id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.favorite;").await?;
        Ok(())
    }
}
