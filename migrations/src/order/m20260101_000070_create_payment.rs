//! Payments: one attempt to pay one or more orders. A payment that waits for money has a page and an end.

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
                CREATE TABLE "order".payment (
                    id uuid PRIMARY KEY,
                    buyer_id uuid NOT NULL,
                    option_id text NOT NULL,
                    status text NOT NULL,
                    currency text NOT NULL,
                    amount_minor bigint NOT NULL,
                    redirect_url text,
                    expires_at timestamptz,
                    provider_transaction text,
                    event_seq integer NOT NULL DEFAULT 0,
                    created_at timestamptz NOT NULL DEFAULT now(),
                    updated_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT payment_status CHECK (status IN
                        ('PENDING', 'ON_DELIVERY', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'REFUNDED')),
                    CONSTRAINT payment_currency CHECK (currency ~ '^[A-Z]{3}$'),
                    CONSTRAINT payment_amount CHECK (amount_minor >= 0),
                    CONSTRAINT payment_pending CHECK (status <> 'PENDING'
                        OR (redirect_url IS NOT NULL AND expires_at IS NOT NULL))
                );
                CREATE INDEX payment_by_buyer ON "order".payment (buyer_id, id);
                CREATE INDEX payment_waiting ON "order".payment (expires_at) WHERE status = 'PENDING';
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".payment;"#).await.map(|_| ())
    }
}
