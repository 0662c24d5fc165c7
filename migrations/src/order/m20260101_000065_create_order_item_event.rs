//! The history of order items: every state they were ever in, append-only.

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
                CREATE TABLE "order".order_item_event (
                    item_id uuid NOT NULL CONSTRAINT order_item_event_item REFERENCES "order".order_item (id),
                    seq integer NOT NULL,
                    from_state text,
                    to_state text NOT NULL,
                    actor_id uuid,
                    reason text,
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT order_item_event_pkey PRIMARY KEY (item_id, seq),
                    CONSTRAINT order_item_event_first CHECK ((seq = 1) = (from_state IS NULL))
                );
                CREATE TRIGGER order_item_event_append_only BEFORE UPDATE OR DELETE ON "order".order_item_event
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".order_item_event;"#).await.map(|_| ())
    }
}
