//! Every change of a counter, append-only: the sum of the deltas is the counter.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}

const UP: &str = r#"
    CREATE TABLE inventory.stock_history (
        id uuid CONSTRAINT stock_history_pkey PRIMARY KEY,
        stock_id uuid NOT NULL CONSTRAINT stock_history_of_stock REFERENCES inventory.stock,
        kind text NOT NULL
            CONSTRAINT stock_history_kind_known
            CHECK (kind IN ('IMPORT', 'ADJUST', 'RESERVE', 'RELEASE', 'COMMIT')),
        stock_delta bigint NOT NULL,
        taken_delta bigint NOT NULL,
        operation_id uuid NOT NULL CONSTRAINT stock_history_of_operation REFERENCES inventory.operation,
        actor_id uuid,
        -- Deferred: the counters change first, so that a refusal has written nothing.
        reservation_id uuid
            CONSTRAINT stock_history_of_reservation REFERENCES inventory.reservation DEFERRABLE INITIALLY DEFERRED,
        reason text CONSTRAINT stock_history_reason_short CHECK (char_length(reason) BETWEEN 1 AND 200),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT stock_history_changes_something CHECK (stock_delta <> 0 OR taken_delta <> 0),
        -- The last guard of idempotency: one operation changes one stock once, or once for each reservation.
        CONSTRAINT stock_history_once_per_operation UNIQUE NULLS NOT DISTINCT (operation_id, stock_id, reservation_id)
    );
    CREATE INDEX stock_history_stock ON inventory.stock_history (stock_id, id);
    CREATE INDEX stock_history_reservation ON inventory.stock_history (reservation_id)
        WHERE reservation_id IS NOT NULL;

    CREATE FUNCTION inventory.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER stock_history_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON inventory.stock_history
        FOR EACH STATEMENT EXECUTE FUNCTION inventory.refuse_change();
"#;

const DOWN: &str = r#"
    DROP TABLE inventory.stock_history;
    DROP FUNCTION inventory.refuse_change();
"#;
