//! Money, and goods, on their way back, and the history of it.

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
    CREATE TABLE "order".refund (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT refund_order REFERENCES "order".orders (id),
        payment_id uuid NOT NULL CONSTRAINT refund_payment REFERENCES "order".payment (id),
        buyer_id uuid NOT NULL,
        seller_id uuid NOT NULL,
        kind text NOT NULL,
        status text NOT NULL,
        method text NOT NULL,
        reason text NOT NULL,
        currency text NOT NULL,
        goods_minor bigint NOT NULL,
        transport_minor bigint NOT NULL DEFAULT 0,
        paid_via text,
        attempts integer NOT NULL DEFAULT 0,
        sent_attempt integer,
        note text,
        deadline_at timestamptz NOT NULL,
        dispute_until timestamptz,
        inspected_at timestamptz,
        event_seq integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT refund_kind CHECK (kind IN ('RETURN', 'CANCELLATION', 'UNDELIVERED')),
        CONSTRAINT refund_status CHECK (status IN ('PENDING', 'WITHDRAWN', 'ACCEPTED', 'DECLINED', 'DISPUTED', 'REJECTED', 'PAYING', 'REFUNDED', 'CLOSED')),
        CONSTRAINT refund_method CHECK (method IN ('PICK_UP', 'DROP_OFF')),
        CONSTRAINT refund_paid_via CHECK ((paid_via IS NOT NULL) = (status = 'REFUNDED')
            AND paid_via IN ('PROVIDER', 'CREDIT', 'NOTHING')),
        CONSTRAINT refund_reason CHECK (char_length(reason) BETWEEN 1 AND 1000),
        CONSTRAINT refund_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT refund_amounts CHECK (goods_minor >= 0 AND transport_minor >= 0),
        CONSTRAINT refund_parties CHECK (buyer_id <> seller_id)
    );
    CREATE INDEX refund_by_order ON "order".refund (order_id, id);
    CREATE INDEX refund_by_payment ON "order".refund (payment_id);
    CREATE INDEX refund_by_buyer ON "order".refund (buyer_id, id);
    CREATE INDEX refund_by_seller ON "order".refund (seller_id, id);
    CREATE INDEX refund_disputed ON "order".refund (id) WHERE status = 'DISPUTED';
    -- A parcel comes back to its sender once.
    CREATE UNIQUE INDEX refund_undelivered_once ON "order".refund (order_id) WHERE kind = 'UNDELIVERED';

    CREATE TABLE "order".refund_event (
        refund_id uuid NOT NULL CONSTRAINT refund_event_refund REFERENCES "order".refund (id),
        seq integer NOT NULL,
        from_status text,
        to_status text NOT NULL,
        actor_id uuid,
        note text,
        at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT refund_event_pkey PRIMARY KEY (refund_id, seq),
        CONSTRAINT refund_event_status CHECK (to_status IN ('PENDING', 'WITHDRAWN', 'ACCEPTED', 'DECLINED', 'DISPUTED', 'REJECTED', 'PAYING', 'REFUNDED', 'CLOSED'))
    );
    CREATE TRIGGER refund_event_append_only BEFORE UPDATE OR DELETE ON "order".refund_event
        FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();

    -- The history of an order tells of its refunds.
    ALTER TABLE "order".order_event
        ADD COLUMN refund_id uuid CONSTRAINT order_event_refund REFERENCES "order".refund (id),
        ADD COLUMN refund_status text,
        ADD CONSTRAINT order_event_refund_status CHECK ((refund_id IS NULL) = (refund_status IS NULL)
            AND refund_status IN ('PENDING', 'WITHDRAWN', 'ACCEPTED', 'DECLINED', 'DISPUTED', 'REJECTED', 'PAYING', 'REFUNDED', 'CLOSED'));
"#;

const DOWN: &str = r#"
    ALTER TABLE "order".order_event DROP COLUMN refund_status, DROP COLUMN refund_id;
    DROP TABLE "order".refund_event;
    DROP TABLE "order".refund;
"#;
