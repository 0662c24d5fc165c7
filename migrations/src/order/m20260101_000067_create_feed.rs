//! What each account may follow live: numbered entries, one feed for each role an account plays.

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
                CREATE TABLE "order".feed (
                    account_id uuid NOT NULL,
                    role text NOT NULL,
                    last_seq bigint NOT NULL,
                    CONSTRAINT feed_pkey PRIMARY KEY (account_id, role),
                    CONSTRAINT feed_role CHECK (role IN ('BUYER', 'SELLER', 'INCOMING')),
                    CONSTRAINT feed_last_seq CHECK (last_seq >= 1)
                );
                CREATE TABLE "order".feed_entry (
                    account_id uuid NOT NULL,
                    role text NOT NULL,
                    seq bigint NOT NULL,
                    kind text NOT NULL,
                    order_id uuid,
                    order_seq bigint,
                    item_ids uuid[] NOT NULL DEFAULT '{}',
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT feed_entry_pkey PRIMARY KEY (account_id, role, seq),
                    CONSTRAINT feed_entry_feed FOREIGN KEY (account_id, role) REFERENCES "order".feed (account_id, role),
                    CONSTRAINT feed_entry_event FOREIGN KEY (order_id, order_seq) REFERENCES "order".order_event (order_id, seq),
                    CONSTRAINT feed_entry_kind CHECK (kind IN
                        ('ORDER', 'ITEMS_ARRIVED', 'ITEMS_CONFIRMED', 'ITEMS_REJECTED', 'ITEMS_CANCELLED', 'ITEMS_EXPIRED')),
                    CONSTRAINT feed_entry_subject CHECK (
                        (kind = 'ORDER' AND order_id IS NOT NULL AND order_seq IS NOT NULL AND item_ids = '{}')
                        OR (kind <> 'ORDER' AND order_id IS NULL AND order_seq IS NULL AND item_ids <> '{}'))
                );
                CREATE TRIGGER feed_entry_append_only BEFORE UPDATE OR DELETE ON "order".feed_entry
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(r#"DROP TABLE "order".feed_entry; DROP TABLE "order".feed;"#)
            .await
            .map(|_| ())
    }
}
