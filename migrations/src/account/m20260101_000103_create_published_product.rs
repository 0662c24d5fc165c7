//! New products of sellers, for the feed of their followers.

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
                CREATE TABLE account.published_product (
                    product_id uuid PRIMARY KEY,
                    seller_id uuid NOT NULL,
                    published_at timestamptz NOT NULL
                );
                CREATE INDEX published_product_newest
                    ON account.published_product (seller_id, published_at DESC, product_id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.published_product;").await?;
        Ok(())
    }
}
