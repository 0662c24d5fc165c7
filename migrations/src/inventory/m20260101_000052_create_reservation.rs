//! Claims on stock, open until they are released or committed.

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
    CREATE TABLE inventory.reservation (
        id uuid CONSTRAINT reservation_pkey PRIMARY KEY,
        stock_id uuid NOT NULL CONSTRAINT reservation_of_stock REFERENCES inventory.stock,
        quantity bigint NOT NULL CONSTRAINT reservation_quantity_positive CHECK (quantity > 0),
        status text NOT NULL DEFAULT 'OPEN'
            CONSTRAINT reservation_status_known CHECK (status IN ('OPEN', 'RELEASED', 'COMMITTED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        closed_at timestamptz,
        CONSTRAINT reservation_closed_when_not_open CHECK ((status = 'OPEN') = (closed_at IS NULL))
    );
    CREATE INDEX reservation_open ON inventory.reservation (stock_id) WHERE status = 'OPEN';
"#;

const DOWN: &str = r#"
    DROP TABLE inventory.reservation;
"#;
