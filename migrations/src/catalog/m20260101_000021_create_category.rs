//! The tree of categories: each knows its parent and its whole path from the root.

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
                CREATE TABLE catalog.category (
                    id uuid PRIMARY KEY,
                    parent_id uuid CONSTRAINT category_parent_exists REFERENCES catalog.category (id),
                    name text NOT NULL CONSTRAINT category_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
                    slug text COLLATE "C" NOT NULL CONSTRAINT category_slug_unique UNIQUE,
                    description text NOT NULL DEFAULT '',
                    position integer NOT NULL DEFAULT 0,
                    -- From the root down to the category itself, so that ancestors and descendants need no recursion.
                    path uuid[] NOT NULL CONSTRAINT category_path_ends_here CHECK (path[cardinality(path)] = id),
                    created_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT category_root_has_no_parent CHECK ((parent_id IS NULL) = (cardinality(path) = 1))
                );
                CREATE INDEX category_children ON catalog.category (parent_id, position, name);
                CREATE INDEX category_descendants ON catalog.category USING gin (path);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.category;").await?;
        Ok(())
    }
}
