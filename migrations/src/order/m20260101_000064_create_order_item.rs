//! Order items: one SKU and quantity that a buyer checked out, with everything as it stood at that moment.

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
                CREATE TABLE "order".order_item (
                    id uuid PRIMARY KEY,
                    checkout_id uuid NOT NULL CONSTRAINT order_item_checkout REFERENCES "order".checkout (id),
                    order_id uuid CONSTRAINT order_item_order REFERENCES "order".orders (id),
                    buyer_id uuid NOT NULL,
                    seller_id uuid NOT NULL,
                    sku_id uuid NOT NULL,
                    product_id uuid NOT NULL,
                    product_name text NOT NULL,
                    variant_label text NOT NULL,
                    quantity integer NOT NULL,
                    weight_grams integer NOT NULL,
                    currency text NOT NULL,
                    unit_price_minor bigint NOT NULL,
                    list_amount_minor bigint NOT NULL,
                    paid_amount_minor bigint NOT NULL,
                    applied_promotions jsonb NOT NULL DEFAULT '[]',
                    shipping_promotion_ids uuid[] NOT NULL DEFAULT '{}',
                    serials text[] NOT NULL DEFAULT '{}',
                    address jsonb NOT NULL,
                    address_key text NOT NULL,
                    transport_option text NOT NULL,
                    note text,
                    state text NOT NULL,
                    reason text,
                    event_seq integer NOT NULL DEFAULT 1,
                    deadline_at timestamptz NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now(),
                    updated_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT order_item_quantity CHECK (quantity BETWEEN 1 AND 999),
                    CONSTRAINT order_item_weight CHECK (weight_grams >= 0),
                    CONSTRAINT order_item_parties CHECK (buyer_id <> seller_id),
                    CONSTRAINT order_item_currency CHECK (currency ~ '^[A-Z]{3}$'),
                    CONSTRAINT order_item_unit_price CHECK (unit_price_minor >= 0),
                    CONSTRAINT order_item_list_amount CHECK (list_amount_minor = unit_price_minor * quantity),
                    CONSTRAINT order_item_paid_amount CHECK (paid_amount_minor BETWEEN 0 AND list_amount_minor),
                    CONSTRAINT order_item_state CHECK (state IN
                        ('PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'EXPIRED', 'DELIVERED', 'RETURNED')),
                    CONSTRAINT order_item_in_order CHECK (CASE
                        WHEN state IN ('CONFIRMED', 'DELIVERED', 'RETURNED') THEN order_id IS NOT NULL
                        WHEN state IN ('PENDING', 'REJECTED', 'EXPIRED') THEN order_id IS NULL
                        ELSE true END)
                );
                CREATE INDEX order_item_by_checkout ON "order".order_item (checkout_id);
                CREATE INDEX order_item_by_order ON "order".order_item (order_id, id) WHERE order_id IS NOT NULL;
                CREATE INDEX order_item_by_buyer ON "order".order_item (buyer_id, id);
                CREATE INDEX order_item_by_buyer_state ON "order".order_item (buyer_id, state, id);
                CREATE INDEX order_item_incoming ON "order".order_item (seller_id, buyer_id, address_key, id) WHERE state = 'PENDING';
                CREATE INDEX order_item_received ON "order".order_item (buyer_id, product_id, id) WHERE state = 'DELIVERED';
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".order_item;"#).await.map(|_| ())
    }
}
