//! Commands that were carried out, each with the answer it gave.

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
    CREATE TABLE inventory.operation (
        operation_id uuid CONSTRAINT operation_pkey PRIMARY KEY,
        command text NOT NULL
            CONSTRAINT operation_command_known
            CHECK (command IN ('PROVISION', 'RESERVE', 'RELEASE', 'COMMIT', 'IMPORT', 'ADJUST')),
        -- Null only inside the transaction that carries the command out.
        answer jsonb,
        created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX operation_created_at ON inventory.operation (created_at);
"#;

const DOWN: &str = r#"
    DROP TABLE inventory.operation;
"#;
