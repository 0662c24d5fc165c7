//! Popularity rolled up by day (UTC), so that trends are no scan of raw interactions.

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
    CREATE TABLE analytic.popularity_day (
        day date NOT NULL,
        product_id uuid NOT NULL,
        score_milli bigint NOT NULL,
        interaction_count bigint NOT NULL CONSTRAINT popularity_day_count_positive CHECK (interaction_count > 0),
        CONSTRAINT popularity_day_pkey PRIMARY KEY (day, product_id)
    );
"#;

const DOWN: &str = r#"
    DROP TABLE analytic.popularity_day;
"#;
