//! Which orders a payment pays. The partial index is what keeps an order from being paid twice.

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
                CREATE TABLE "order".payment_order (
                    payment_id uuid NOT NULL CONSTRAINT payment_order_payment REFERENCES "order".payment (id),
                    order_id uuid NOT NULL CONSTRAINT payment_order_order REFERENCES "order".orders (id),
                    amount_minor bigint NOT NULL,
                    open boolean NOT NULL DEFAULT true,
                    settled_at timestamptz,
                    CONSTRAINT payment_order_pkey PRIMARY KEY (payment_id, order_id),
                    CONSTRAINT payment_order_amount CHECK (amount_minor >= 0),
                    CONSTRAINT payment_order_settled CHECK (open OR settled_at IS NULL)
                );
                CREATE UNIQUE INDEX payment_order_one_open ON "order".payment_order (order_id) WHERE open;
                CREATE INDEX payment_order_by_order ON "order".payment_order (order_id);
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".payment_order;"#).await.map(|_| ())
    }
}
