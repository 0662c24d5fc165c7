//! Lists of a party's orders by their total, and of a seller's items.

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
    CREATE INDEX orders_by_buyer_total ON "order".orders (buyer_id, total_minor, id);
    CREATE INDEX orders_by_seller_total ON "order".orders (seller_id, total_minor, id);
    CREATE INDEX order_item_by_seller_state ON "order".order_item (seller_id, state, id);
    CREATE INDEX shipment_by_tracking_code ON "order".shipment (tracking_code) WHERE tracking_code IS NOT NULL;
"#;

const DOWN: &str = r#"
    DROP INDEX "order".shipment_by_tracking_code;
    DROP INDEX "order".order_item_by_seller_state;
    DROP INDEX "order".orders_by_seller_total;
    DROP INDEX "order".orders_by_buyer_total;
"#;
