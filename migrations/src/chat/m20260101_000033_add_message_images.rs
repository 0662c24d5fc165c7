//! Pictures in messages.

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
                ALTER TABLE chat.message ADD COLUMN image_ids uuid[] NOT NULL DEFAULT '{}',
                    ADD CONSTRAINT message_images_few CHECK (cardinality(image_ids) <= 10),
                    ADD CONSTRAINT message_image_has_pictures CHECK ((kind = 'image') = (cardinality(image_ids) > 0));
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE chat.message DROP COLUMN image_ids;").await?;
        Ok(())
    }
}
