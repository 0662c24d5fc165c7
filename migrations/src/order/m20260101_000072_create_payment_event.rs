//! The history of payments: what was asked and what providers reported, without secrets, append-only.

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
                CREATE TABLE "order".payment_event (
                    payment_id uuid NOT NULL CONSTRAINT payment_event_payment REFERENCES "order".payment (id),
                    seq integer NOT NULL,
                    kind text NOT NULL,
                    detail jsonb NOT NULL DEFAULT '{}',
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT payment_event_pkey PRIMARY KEY (payment_id, seq),
                    CONSTRAINT payment_event_kind CHECK (kind IN
                        ('REQUESTED', 'REPORTED', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CREDITED', 'ORDER_CANCELLED', 'COLLECTED'))
                );
                CREATE TRIGGER payment_event_append_only BEFORE UPDATE OR DELETE ON "order".payment_event
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".payment_event;"#).await.map(|_| ())
    }
}
