//! The parcel by which goods go back to their seller.

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
    CREATE TABLE "order".return_shipment (
        id uuid PRIMARY KEY,
        refund_id uuid NOT NULL
            CONSTRAINT return_shipment_one_a_refund UNIQUE
            CONSTRAINT return_shipment_refund REFERENCES "order".refund (id),
        option_id text NOT NULL,
        method text NOT NULL,
        status text NOT NULL,
        weight_grams bigint NOT NULL,
        origin jsonb NOT NULL,
        destination jsonb NOT NULL,
        tracking_code text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT return_shipment_method CHECK (method IN ('PICK_UP', 'DROP_OFF')),
        CONSTRAINT return_shipment_status CHECK (status IN
            ('CREATED', 'PICKED_UP', 'IN_TRANSIT', 'DELIVERED', 'FAILED', 'RETURNED')),
        CONSTRAINT return_shipment_weight CHECK (weight_grams >= 0)
    );
"#;

const DOWN: &str = r#"
    DROP TABLE "order".return_shipment;
"#;
