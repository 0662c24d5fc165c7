//! The popularity of each product: the sum of the weights of its interactions.

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
    CREATE TABLE analytic.popularity (
        product_id uuid CONSTRAINT popularity_pkey PRIMARY KEY,
        score_milli bigint NOT NULL,
        interaction_count bigint NOT NULL CONSTRAINT popularity_count_positive CHECK (interaction_count > 0),
        updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX popularity_score ON analytic.popularity (score_milli, product_id);
"#;

const DOWN: &str = r#"
    DROP TABLE analytic.popularity;
"#;
