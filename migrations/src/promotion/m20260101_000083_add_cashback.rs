//! Cashback: a kind of promotion, uses that are credited after delivery, and the account of those credits.

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
    ALTER TABLE promotion.promotion
        DROP CONSTRAINT promotion_kind,
        ADD CONSTRAINT promotion_kind
            CHECK (kind IN ('DISCOUNT', 'SHIP_DISCOUNT', 'BUNDLE', 'BUY_X_GET_Y', 'CASHBACK'));

    -- Whether the amount of the use is credited after delivery, instead of having been taken off.
    ALTER TABLE promotion.promotion_use ADD COLUMN cashback boolean NOT NULL DEFAULT false;
    CREATE INDEX promotion_use_cashback_of_buyer ON promotion.promotion_use (buyer_id, item_id, promotion_id)
        WHERE cashback;

    -- What buyers were credited, and what was taken back: the sum is the balance.
    CREATE TABLE promotion.cashback_entry (
        id uuid CONSTRAINT cashback_entry_pkey PRIMARY KEY,
        item_id uuid NOT NULL,
        promotion_id uuid NOT NULL,
        buyer_id uuid NOT NULL,
        -- The seller who bears it; null when the platform does.
        borne_by uuid,
        amount_minor bigint NOT NULL,
        currency text NOT NULL CONSTRAINT cashback_entry_currency CHECK (currency ~ '^[A-Z]{3}$'),
        kind text NOT NULL CONSTRAINT cashback_entry_kind CHECK (kind IN ('CREDITED', 'TAKEN_BACK')),
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cashback_entry_sign CHECK ((kind = 'CREDITED') = (amount_minor > 0) AND amount_minor <> 0),
        CONSTRAINT cashback_entry_use FOREIGN KEY (item_id, promotion_id)
            REFERENCES promotion.promotion_use (item_id, promotion_id)
    );
    -- The last guard of «credited once».
    CREATE UNIQUE INDEX cashback_entry_credited_once ON promotion.cashback_entry (item_id, promotion_id)
        WHERE kind = 'CREDITED';
    CREATE INDEX cashback_entry_of_buyer ON promotion.cashback_entry (buyer_id, id);
    CREATE INDEX cashback_entry_of_use ON promotion.cashback_entry (item_id, promotion_id);

    CREATE FUNCTION promotion.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER cashback_entry_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON promotion.cashback_entry
        FOR EACH STATEMENT EXECUTE FUNCTION promotion.refuse_change();
"#;

const DOWN: &str = r#"
    DROP TABLE promotion.cashback_entry;
    DROP FUNCTION promotion.refuse_change();
    ALTER TABLE promotion.promotion_use DROP COLUMN cashback;
    ALTER TABLE promotion.promotion
        DROP CONSTRAINT promotion_kind,
        ADD CONSTRAINT promotion_kind
            CHECK (kind IN ('DISCOUNT', 'SHIP_DISCOUNT', 'BUNDLE', 'BUY_X_GET_Y')) NOT VALID;
"#;
