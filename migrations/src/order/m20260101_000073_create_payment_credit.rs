//! Money that was captured and pays no order: it is the buyer's, and never swallowed.

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
                CREATE TABLE "order".payment_credit (
                    id uuid PRIMARY KEY,
                    payment_id uuid NOT NULL CONSTRAINT payment_credit_payment REFERENCES "order".payment (id),
                    buyer_id uuid NOT NULL,
                    amount_minor bigint NOT NULL,
                    currency text NOT NULL,
                    reason text NOT NULL,
                    provider_transaction text NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT payment_credit_once UNIQUE (payment_id, provider_transaction),
                    CONSTRAINT payment_credit_amount CHECK (amount_minor > 0),
                    CONSTRAINT payment_credit_reason CHECK (reason IN ('LATE', 'DUPLICATE', 'ORDER_CLOSED'))
                );
                CREATE INDEX payment_credit_by_buyer ON "order".payment_credit (buyer_id, id);
                CREATE TRIGGER payment_credit_append_only BEFORE UPDATE OR DELETE ON "order".payment_credit
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".payment_credit;"#).await.map(|_| ())
    }
}
