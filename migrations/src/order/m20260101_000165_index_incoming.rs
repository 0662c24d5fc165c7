//! What waits for a seller, by what it is grouped by and with what a list of groups is sorted by.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}

const UP: &str = r#"
    CREATE INDEX order_item_incoming_groups
        ON "order".order_item (seller_id, buyer_id, address_key, currency, id) INCLUDE (paid_amount_minor)
        WHERE state = 'PENDING';
    DROP INDEX "order".order_item_incoming;
"#;

const DOWN: &str = r#"
    CREATE INDEX order_item_incoming ON "order".order_item (seller_id, buyer_id, address_key, id) WHERE state = 'PENDING';
    DROP INDEX "order".order_item_incoming_groups;
"#;
