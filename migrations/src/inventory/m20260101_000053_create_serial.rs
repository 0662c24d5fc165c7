//! Single units of stocks that require serials.

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
    CREATE TABLE inventory.serial (
        id uuid CONSTRAINT serial_pkey PRIMARY KEY,
        stock_id uuid NOT NULL CONSTRAINT serial_of_stock REFERENCES inventory.stock,
        serial text NOT NULL CONSTRAINT serial_short CHECK (char_length(serial) BETWEEN 1 AND 64),
        status text NOT NULL
            CONSTRAINT serial_status_known
            CHECK (status IN ('AVAILABLE', 'RESERVED', 'SOLD', 'RETURNED', 'DAMAGED')),
        -- One column, so a serial cannot be in two reservations. A sold unit keeps the one it was sold by.
        reservation_id uuid CONSTRAINT serial_of_reservation REFERENCES inventory.reservation,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT serial_unique_in_stock UNIQUE (stock_id, serial),
        CONSTRAINT serial_reserved_by_reservation CHECK (
            CASE
                WHEN status = 'AVAILABLE' THEN reservation_id IS NULL
                WHEN status IN ('RESERVED', 'SOLD') THEN reservation_id IS NOT NULL
                ELSE TRUE
            END
        )
    );
    CREATE INDEX serial_available ON inventory.serial (stock_id, id) WHERE status = 'AVAILABLE';
    CREATE INDEX serial_stock_status ON inventory.serial (stock_id, status, id);
    CREATE INDEX serial_stock ON inventory.serial (stock_id, id);
    CREATE INDEX serial_reservation ON inventory.serial (reservation_id) WHERE reservation_id IS NOT NULL;
"#;

const DOWN: &str = r#"
    DROP TABLE inventory.serial;
"#;
