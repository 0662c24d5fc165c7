//! What was said between this installation and providers of payment and transport, without secrets: for audit. A row is
//! never changed; it goes when it is older than anybody has to keep it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".provider_exchange;"#).await.map(drop)
    }
}

/// Ids are UUIDv7, so the primary key is also in the order of time.
const UP: &str = r#"
    CREATE TABLE "order".provider_exchange (
        id uuid PRIMARY KEY,
        provider text NOT NULL,
        operation text NOT NULL,
        subject_id uuid,
        request jsonb NOT NULL,
        http_status smallint,
        answer jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT provider_exchange_operation CHECK (CASE provider
            WHEN 'vnpay' THEN operation IN ('querydr', 'refund', 'ipn')
            WHEN 'ghtk' THEN operation IN ('fee', 'order', 'cancel', 'label', 'status')
            ELSE false END),
        CONSTRAINT provider_exchange_http_status CHECK (http_status BETWEEN 100 AND 999)
    );
    CREATE INDEX provider_exchange_by_subject ON "order".provider_exchange (subject_id, id) WHERE subject_id IS NOT NULL;
    CREATE INDEX provider_exchange_by_time ON "order".provider_exchange (at);
    CREATE TRIGGER provider_exchange_unchanged BEFORE UPDATE ON "order".provider_exchange
        FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
"#;
