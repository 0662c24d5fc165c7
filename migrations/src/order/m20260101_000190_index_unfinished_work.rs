//! Indexes of what is unfinished, by which an operator counts it.

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
                CREATE INDEX orders_open ON "order".orders (status)
                    WHERE status IN ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING');
                CREATE INDEX order_item_waiting ON "order".order_item (deadline_at) WHERE state = 'PENDING';
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(r#"DROP INDEX "order".order_item_waiting; DROP INDEX "order".orders_open;"#)
            .await?;
        Ok(())
    }
}
