//! What sellers want paid out.

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
    CREATE TABLE "order".payout (
        id uuid PRIMARY KEY,
        seller_id uuid NOT NULL,
        status text NOT NULL,
        amount_minor bigint NOT NULL,
        currency text NOT NULL,
        note text,
        reference text,
        decided_by uuid,
        decided_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT payout_status CHECK (status IN ('REQUESTED', 'PAID', 'REJECTED')),
        CONSTRAINT payout_amount CHECK (amount_minor > 0),
        CONSTRAINT payout_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT payout_decided CHECK ((status = 'REQUESTED') = (decided_at IS NULL)
            AND (decided_at IS NULL) = (decided_by IS NULL))
    );
    CREATE INDEX payout_by_seller ON "order".payout (seller_id, id);
    CREATE INDEX payout_open ON "order".payout (id) WHERE status = 'REQUESTED';

    -- Whoever requests a payout holds the row of the seller, so that two requests never count the same balance.
    CREATE TABLE "order".payout_turn (
        seller_id uuid PRIMARY KEY
    );
"#;

const DOWN: &str = r#"
    DROP TABLE "order".payout_turn;
    DROP TABLE "order".payout;
"#;
