//! How far the search index has followed each product. Apart from `product`, so that indexing never locks or rewrites
//! the rows that sellers edit.

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
                CREATE TABLE catalog.product_index (
                    product_id uuid PRIMARY KEY
                        CONSTRAINT product_index_product_exists REFERENCES catalog.product (id) ON DELETE CASCADE,
                    -- Raised by every change that search shows or filters by.
                    facts_version bigint NOT NULL DEFAULT 1,
                    -- The `facts_version` that the index holds; 0 when the product was never indexed.
                    facts_indexed bigint NOT NULL DEFAULT 0,
                    -- Until when a worker has the row for itself; it may be taken again afterwards.
                    facts_claimed_until timestamptz,
                    -- The same for the text that is embedded: name, description, category, specifications and attributes.
                    text_version bigint NOT NULL DEFAULT 1,
                    text_indexed bigint NOT NULL DEFAULT 0,
                    text_claimed_until timestamptz,
                    changed_at timestamptz NOT NULL DEFAULT now()
                );
                CREATE INDEX product_index_stale_facts ON catalog.product_index (changed_at) WHERE facts_version > facts_indexed;
                CREATE INDEX product_index_stale_text ON catalog.product_index (changed_at) WHERE text_version > text_indexed;
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.product_index;").await?;
        Ok(())
    }
}
