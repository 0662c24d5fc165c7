//! What recommendations need when their cache is away: what trends, and what an account should not be offered again.

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
    CREATE TABLE catalog.trending_product (
        product_id uuid CONSTRAINT trending_product_pkey PRIMARY KEY,
        -- From 0, the highest first. Not unique: the list is replaced as a whole, row by row.
        place integer NOT NULL CONSTRAINT trending_product_place_counted CHECK (place >= 0)
    );
    CREATE TABLE catalog.settled_product (
        account_id uuid NOT NULL,
        product_id uuid NOT NULL,
        CONSTRAINT settled_product_pkey PRIMARY KEY (account_id, product_id)
    );
"#;

const DOWN: &str = r#"
    DROP TABLE catalog.settled_product;
    DROP TABLE catalog.trending_product;
"#;
