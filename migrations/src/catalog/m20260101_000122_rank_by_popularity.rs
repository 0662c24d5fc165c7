//! What sells most, and how popular each product is, for recommendations and as a prior of search.

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
    CREATE TABLE catalog.best_sold_product (
        product_id uuid CONSTRAINT best_sold_product_pkey PRIMARY KEY,
        -- From 0, the most sold first. Not unique: the list is replaced as a whole, row by row.
        place integer NOT NULL CONSTRAINT best_sold_product_place_counted CHECK (place >= 0)
    );
    -- A step, not a number: a row of the index is written anew only when its product comes to another one.
    ALTER TABLE catalog.product_index ADD COLUMN popularity smallint NOT NULL DEFAULT 0
        CONSTRAINT product_index_popularity_known CHECK (popularity BETWEEN 0 AND 3);
    CREATE INDEX product_index_popular ON catalog.product_index (product_id) WHERE popularity > 0;
"#;

const DOWN: &str = r#"
    DROP INDEX catalog.product_index_popular;
    ALTER TABLE catalog.product_index DROP COLUMN popularity;
    DROP TABLE catalog.best_sold_product;
"#;
