//! Files and their metadata.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                r#"
                CREATE TABLE common.resource (
                    id uuid PRIMARY KEY,
                    owner_id uuid NOT NULL,
                    storage text NOT NULL,
                    state text NOT NULL CHECK (state IN ('PENDING', 'COMPLETE')),
                    file_name text NOT NULL,
                    mime_type text,
                    size_bytes bigint CHECK (size_bytes >= 1),
                    checksum_sha256 text CHECK (checksum_sha256 ~ '^[0-9a-f]{64}$'),
                    object_key text,
                    remote_url text,
                    created_at timestamptz NOT NULL,
                    expires_at timestamptz,
                    CONSTRAINT resource_storage CHECK (
                        (storage = 'STORED' AND remote_url IS NULL AND mime_type IS NOT NULL
                            AND size_bytes IS NOT NULL AND checksum_sha256 IS NOT NULL)
                        OR (storage = 'REMOTE' AND state = 'COMPLETE' AND remote_url IS NOT NULL AND object_key IS NULL)
                    ),
                    CONSTRAINT resource_complete_has_object CHECK (
                        state = 'PENDING' OR storage = 'REMOTE' OR object_key IS NOT NULL
                    ),
                    CONSTRAINT resource_pending_expires CHECK ((state = 'PENDING') = (expires_at IS NOT NULL))
                );
                -- The same remote image of the same owner is one resource, so that an import can be repeated.
                CREATE UNIQUE INDEX resource_remote ON common.resource (owner_id, remote_url)
                    WHERE storage = 'REMOTE';
                CREATE INDEX resource_pending ON common.resource (expires_at) WHERE state = 'PENDING';
                CREATE INDEX resource_pending_of_owner ON common.resource (owner_id) WHERE state = 'PENDING';
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE common.resource;").await?;
        Ok(())
    }
}
