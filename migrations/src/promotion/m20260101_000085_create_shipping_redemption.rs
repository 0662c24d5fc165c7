//! What shipping promotions took off the transport of orders: counted once for each order that is made.

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
    -- One row for each order that was about to be made; it keeps the first answer.
    CREATE TABLE promotion.shipping_redemption (
        operation_id uuid CONSTRAINT shipping_redemption_pkey PRIMARY KEY,
        outcome jsonb,
        released_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    -- Which operation counted the transport discount of an item: no two do so for the same item at once.
    ALTER TABLE promotion.promotion_use
        ADD COLUMN shipping_operation_id uuid
            CONSTRAINT promotion_use_shipping REFERENCES promotion.shipping_redemption (operation_id);
    CREATE INDEX promotion_use_of_shipping ON promotion.promotion_use (shipping_operation_id)
        WHERE shipping_operation_id IS NOT NULL;
"#;

const DOWN: &str = r#"
    ALTER TABLE promotion.promotion_use DROP COLUMN shipping_operation_id;
    DROP TABLE promotion.shipping_redemption;
"#;
