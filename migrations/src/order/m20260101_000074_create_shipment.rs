//! Shipments: the parcel of an order.

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
                CREATE TABLE "order".shipment (
                    id uuid PRIMARY KEY,
                    order_id uuid NOT NULL
                        CONSTRAINT shipment_one_an_order UNIQUE
                        CONSTRAINT shipment_order REFERENCES "order".orders (id),
                    option_id text NOT NULL,
                    status text NOT NULL,
                    cost_minor bigint NOT NULL,
                    currency text NOT NULL,
                    weight_grams bigint NOT NULL,
                    pickup jsonb,
                    tracking_code text,
                    event_seq integer NOT NULL DEFAULT 1,
                    created_at timestamptz NOT NULL DEFAULT now(),
                    updated_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT shipment_status CHECK (status IN
                        ('CREATED', 'PICKED_UP', 'IN_TRANSIT', 'DELIVERED', 'FAILED', 'RETURNED')),
                    CONSTRAINT shipment_cost CHECK (cost_minor >= 0),
                    CONSTRAINT shipment_currency CHECK (currency ~ '^[A-Z]{3}$'),
                    CONSTRAINT shipment_weight CHECK (weight_grams >= 0)
                );
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".shipment;"#).await.map(|_| ())
    }
}
