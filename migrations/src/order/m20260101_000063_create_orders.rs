//! Orders: confirmed items of one buyer, seller and address, with totals that the table itself checks.

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
                CREATE TABLE "order".orders (
                    id uuid PRIMARY KEY,
                    buyer_id uuid NOT NULL,
                    seller_id uuid NOT NULL,
                    status text NOT NULL,
                    currency text NOT NULL,
                    product_cost_minor bigint NOT NULL,
                    product_discount_minor bigint NOT NULL,
                    transport_cost_minor bigint NOT NULL,
                    transport_discount_minor bigint NOT NULL,
                    total_minor bigint NOT NULL,
                    transport_option text NOT NULL,
                    address jsonb NOT NULL,
                    address_key text NOT NULL,
                    event_seq bigint NOT NULL DEFAULT 0,
                    created_at timestamptz NOT NULL DEFAULT now(),
                    updated_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT orders_status CHECK (status IN
                        ('CONFIRMED', 'PAYABLE_ON_DELIVERY', 'PAID', 'SHIPPING', 'DELIVERED', 'CANCELLED', 'RETURNED')),
                    CONSTRAINT orders_parties CHECK (buyer_id <> seller_id),
                    CONSTRAINT orders_currency CHECK (currency ~ '^[A-Z]{3}$'),
                    CONSTRAINT orders_product_discount CHECK (product_discount_minor BETWEEN 0 AND product_cost_minor),
                    CONSTRAINT orders_transport_discount CHECK (transport_discount_minor BETWEEN 0 AND transport_cost_minor),
                    CONSTRAINT orders_total CHECK (total_minor =
                        product_cost_minor - product_discount_minor + transport_cost_minor - transport_discount_minor)
                );
                CREATE INDEX orders_by_buyer ON "order".orders (buyer_id, id);
                CREATE INDEX orders_by_buyer_status ON "order".orders (buyer_id, status, id);
                CREATE INDEX orders_by_seller ON "order".orders (seller_id, id);
                CREATE INDEX orders_by_seller_status ON "order".orders (seller_id, status, id);
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".orders;"#).await.map(|_| ())
    }
}
