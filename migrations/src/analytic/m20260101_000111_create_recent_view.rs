//! What each account looked at lately: one row a product, with the latest time.

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
    CREATE TABLE analytic.recent_view (
        account_id uuid NOT NULL,
        product_id uuid NOT NULL,
        viewed_at timestamptz NOT NULL,
        CONSTRAINT recent_view_pkey PRIMARY KEY (account_id, product_id)
    );
    CREATE INDEX recent_view_latest ON analytic.recent_view (account_id, viewed_at DESC, product_id DESC);
    INSERT INTO analytic.recent_view (account_id, product_id, viewed_at)
    SELECT account_id, product_id, max(occurred_at) FROM analytic.interaction
    WHERE kind = 'view' AND account_id IS NOT NULL GROUP BY account_id, product_id;
"#;

const DOWN: &str = r#"
    DROP TABLE analytic.recent_view;
"#;
