//! The history of orders: every status of the order and of its shipment, numbered without gaps, append-only.

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
                CREATE TABLE "order".order_event (
                    order_id uuid NOT NULL CONSTRAINT order_event_order REFERENCES "order".orders (id),
                    seq bigint NOT NULL,
                    from_status text,
                    to_status text NOT NULL,
                    shipment_status text,
                    actor_id uuid,
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT order_event_pkey PRIMARY KEY (order_id, seq),
                    CONSTRAINT order_event_seq CHECK (seq >= 1),
                    CONSTRAINT order_event_first CHECK ((seq = 1) = (from_status IS NULL))
                );
                CREATE TRIGGER order_event_append_only BEFORE UPDATE OR DELETE ON "order".order_event
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".order_event;"#).await.map(|_| ())
    }
}
