//! The tables of the search index, and the vectors of products.

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
                -- Which tables the index has. While a new one is filled, the old one answers.
                CREATE TABLE catalog.search_index (
                    -- Names the table, so that a rebuilt index never mixes with what is left of the last one.
                    id uuid PRIMARY KEY,
                    state text NOT NULL CONSTRAINT search_index_state CHECK (state IN ('BUILDING', 'ACTIVE')),
                    -- The shape of its rows; a version of the program reads one.
                    layout integer NOT NULL,
                    -- Whose vectors it holds; empty for none.
                    model text NOT NULL,
                    dimensions integer NOT NULL CONSTRAINT search_index_dimensions CHECK (dimensions > 0),
                    created_at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT search_index_one_each UNIQUE (state)
                );

                -- Vectors are dear to compute and cheap to keep: an index that is rebuilt takes them from here.
                CREATE TABLE catalog.product_vector (
                    product_id uuid PRIMARY KEY
                        CONSTRAINT product_vector_product_exists REFERENCES catalog.product (id) ON DELETE CASCADE,
                    model text NOT NULL,
                    -- Of the text that was embedded, so that a change which leaves the text alone costs nothing.
                    text_digest bytea NOT NULL,
                    vector real[] NOT NULL,
                    embedded_at timestamptz NOT NULL DEFAULT now()
                );
                -- What inventory says of a SKU, for filters. It is a copy, and a moment behind.
                CREATE TABLE catalog.sku_stock (
                    sku_id uuid PRIMARY KEY CONSTRAINT sku_stock_sku_exists REFERENCES catalog.sku (id) ON DELETE CASCADE,
                    in_stock boolean NOT NULL
                );
                CREATE INDEX product_vector_by_model ON catalog.product_vector (model);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                "DROP TABLE catalog.sku_stock; DROP TABLE catalog.product_vector; DROP TABLE catalog.search_index;",
            )
            .await?;
        Ok(())
    }
}
