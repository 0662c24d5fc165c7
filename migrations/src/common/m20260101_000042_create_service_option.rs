//! Selectable provider configurations; what an administrator set stands apart from what a module registered.

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
                CREATE TABLE common.service_option (
                    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
                    category text NOT NULL
                        CHECK (category IN ('PAYMENT', 'TRANSPORT', 'OBJECT_STORE', 'EMBEDDING', 'GEOCODING')),
                    provider text NOT NULL,
                    name text NOT NULL,
                    description text NOT NULL,
                    registered_position integer NOT NULL,
                    chosen_position integer,
                    enabled boolean NOT NULL DEFAULT true,
                    registered_at timestamptz NOT NULL
                );
                CREATE INDEX service_option_in_category
                    ON common.service_option (category, (coalesce(chosen_position, registered_position)), id);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE common.service_option;").await?;
        Ok(())
    }
}
