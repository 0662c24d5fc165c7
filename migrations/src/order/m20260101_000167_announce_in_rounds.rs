//! Which checkouts their sellers have not been told of yet.

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
                -- Of those that are there, sellers were told one by one.
                ALTER TABLE "order".checkout ADD COLUMN announced_in bigint DEFAULT 0;
                ALTER TABLE "order".checkout ALTER COLUMN announced_in DROP DEFAULT;
                CREATE INDEX checkout_announced ON "order".checkout (announced_in, id);
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = r#"ALTER TABLE "order".checkout DROP COLUMN announced_in;"#;
        manager.get_connection().execute_unprepared(sql).await.map(|_| ())
    }
}
