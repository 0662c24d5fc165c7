//! The counters of one SKU or promotion.

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
    CREATE TABLE inventory.stock (
        id uuid CONSTRAINT stock_pkey PRIMARY KEY,
        ref_type text NOT NULL
            CONSTRAINT stock_ref_type_known CHECK (ref_type IN ('PRODUCT_SKU', 'PROMOTION')),
        ref_id uuid NOT NULL,
        owner_id uuid NOT NULL,
        stock bigint NOT NULL DEFAULT 0,
        taken bigint NOT NULL DEFAULT 0,
        requires_serials boolean NOT NULL,
        low_stock_threshold bigint NOT NULL DEFAULT 5
            CONSTRAINT stock_threshold_positive CHECK (low_stock_threshold >= 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT stock_counters_sound CHECK (0 <= taken AND taken <= stock),
        CONSTRAINT stock_one_per_reference UNIQUE (ref_type, ref_id)
    );
    CREATE INDEX stock_owner ON inventory.stock (owner_id, id);
    CREATE INDEX stock_owner_low ON inventory.stock (owner_id, id) WHERE stock - taken <= low_stock_threshold;
"#;

const DOWN: &str = r#"
    DROP TABLE inventory.stock;
"#;
