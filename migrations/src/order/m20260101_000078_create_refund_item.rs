//! What of each item goes back, and how much of it can: nothing goes back twice.

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
    CREATE TABLE "order".refund_item (
        refund_id uuid NOT NULL CONSTRAINT refund_item_refund REFERENCES "order".refund (id),
        item_id uuid NOT NULL CONSTRAINT refund_item_item REFERENCES "order".order_item (id),
        quantity integer NOT NULL,
        amount_minor bigint NOT NULL,
        serials text[] NOT NULL DEFAULT '{}',
        sellable integer,
        damaged integer,
        damaged_serials text[] NOT NULL DEFAULT '{}',
        CONSTRAINT refund_item_pkey PRIMARY KEY (refund_id, item_id),
        CONSTRAINT refund_item_quantity CHECK (quantity > 0),
        CONSTRAINT refund_item_amount CHECK (amount_minor >= 0),
        CONSTRAINT refund_item_condition CHECK ((sellable IS NULL) = (damaged IS NULL)
            AND sellable >= 0 AND damaged >= 0 AND sellable + damaged = quantity)
    );
    CREATE INDEX refund_item_by_item ON "order".refund_item (item_id);

    -- Units and money that refunds claim, and units for which the money is on its way or back. The last guard that no
    -- more goes back than was bought, to the minor unit.
    ALTER TABLE "order".order_item
        ADD COLUMN held_quantity integer NOT NULL DEFAULT 0,
        ADD COLUMN held_minor bigint NOT NULL DEFAULT 0,
        ADD COLUMN refunded_quantity integer NOT NULL DEFAULT 0,
        ADD CONSTRAINT order_item_held_quantity CHECK (held_quantity BETWEEN 0 AND quantity),
        ADD CONSTRAINT order_item_held_minor CHECK (held_minor BETWEEN 0 AND paid_amount_minor
            AND (held_quantity > 0 OR held_minor = 0)
            AND (held_quantity < quantity OR held_minor = paid_amount_minor)),
        ADD CONSTRAINT order_item_refunded_quantity CHECK (refunded_quantity BETWEEN 0 AND held_quantity);
    ALTER TABLE "order".orders
        ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT orders_refunded CHECK (refunded_minor BETWEEN 0 AND total_minor);
"#;

const DOWN: &str = r#"
    ALTER TABLE "order".orders DROP COLUMN refunded_minor;
    ALTER TABLE "order".order_item DROP COLUMN refunded_quantity, DROP COLUMN held_minor, DROP COLUMN held_quantity;
    DROP TABLE "order".refund_item;
"#;
