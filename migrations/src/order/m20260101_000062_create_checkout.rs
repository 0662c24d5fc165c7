//! Checkouts, each with the answer its buyer got: the id is the operation the buyer meant by the idempotency key.

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
                CREATE TABLE "order".checkout (
                    id uuid PRIMARY KEY,
                    buyer_id uuid NOT NULL,
                    answer jsonb NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now()
                );
                CREATE INDEX checkout_by_buyer ON "order".checkout (buyer_id);
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".checkout;"#).await.map(|_| ())
    }
}
