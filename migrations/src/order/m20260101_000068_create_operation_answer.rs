//! The first answer of every operation that an idempotency key named, kept for ever.

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
                CREATE TABLE "order".operation_answer (
                    id uuid PRIMARY KEY,
                    account_id uuid NOT NULL,
                    answer jsonb NOT NULL,
                    at timestamptz NOT NULL DEFAULT now()
                );
                CREATE TRIGGER operation_answer_append_only BEFORE UPDATE OR DELETE ON "order".operation_answer
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".operation_answer;"#).await.map(|_| ())
    }
}
