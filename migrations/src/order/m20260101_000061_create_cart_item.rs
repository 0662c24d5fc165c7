//! What accounts mean to buy: one row for each SKU in a cart.

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
                CREATE TABLE "order".cart_item (
                    account_id uuid NOT NULL,
                    sku_id uuid NOT NULL,
                    product_id uuid NOT NULL,
                    quantity integer NOT NULL,
                    added_at timestamptz NOT NULL DEFAULT now(),
                    updated_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT cart_item_pkey PRIMARY KEY (account_id, sku_id),
                    CONSTRAINT cart_item_quantity CHECK (quantity BETWEEN 1 AND 999)
                );
                CREATE INDEX cart_item_in_order ON "order".cart_item (account_id, added_at, sku_id);
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".cart_item;"#).await.map(|_| ())
    }
}
