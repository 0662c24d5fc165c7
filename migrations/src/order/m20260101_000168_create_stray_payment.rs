//! Money that was captured under a reference that is no payment's, and what became of it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".stray_payment;"#).await.map(drop)
    }
}

/// Ids are UUIDv7, so the primary key is also in the order of time.
const UP: &str = r#"
    CREATE TABLE "order".stray_payment (
        id uuid PRIMARY KEY,
        provider_transaction text NOT NULL CONSTRAINT stray_payment_once UNIQUE,
        reference text NOT NULL,
        amount_minor bigint NOT NULL,
        currency text NOT NULL DEFAULT 'VND',
        bank_code text,
        pay_date text,
        state text NOT NULL DEFAULT 'HELD',
        tries integer NOT NULL DEFAULT 0,
        sent_try integer,
        note text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT stray_payment_state CHECK (state IN ('HELD', 'REFUNDED', 'REFUSED')),
        CONSTRAINT stray_payment_amount CHECK (amount_minor > 0),
        CONSTRAINT stray_payment_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT stray_payment_tries CHECK (tries >= 0 AND sent_try <= tries)
    );
    CREATE INDEX stray_payment_by_state ON "order".stray_payment (state, id);
    CREATE INDEX stray_payment_held ON "order".stray_payment (updated_at) WHERE state = 'HELD';
    -- What was held is told for ever.
    CREATE TRIGGER stray_payment_stays BEFORE DELETE ON "order".stray_payment
        FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
"#;
