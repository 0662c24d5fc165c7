//! The files of an entity, in order.

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
                CREATE TABLE common.attachment (
                    id uuid PRIMARY KEY,
                    entity_kind text NOT NULL
                        CHECK (entity_kind IN ('PRODUCT', 'COMMENT', 'ACCOUNT', 'MESSAGE', 'REFUND')),
                    entity_id uuid NOT NULL,
                    position integer NOT NULL CHECK (position >= 0),
                    resource_id uuid NOT NULL REFERENCES common.resource (id),
                    CONSTRAINT attachment_position UNIQUE (entity_kind, entity_id, position),
                    CONSTRAINT attachment_once UNIQUE (entity_kind, entity_id, resource_id)
                );
                CREATE INDEX attachment_of_resource ON common.attachment (resource_id);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE common.attachment;").await?;
        Ok(())
    }
}
