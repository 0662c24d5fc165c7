//! What accounts did with products, each fact once.

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
    CREATE TABLE analytic.interaction (
        -- Drawn by whoever saw it happen: the same interaction again meets this key and counts once.
        id uuid CONSTRAINT interaction_pkey PRIMARY KEY,
        account_id uuid,
        product_id uuid NOT NULL,
        kind text NOT NULL
            CONSTRAINT interaction_kind_known
            CHECK (kind IN (
                'purchase', 'add_to_favorites', 'add_to_cart', 'write_review', 'rating_high', 'view', 'ask_question',
                'click_from_search', 'click_from_recommendation', 'view_similar_products', 'click_from_category',
                'rating_medium', 'view_bounce', 'not_interested', 'remove_from_cart', 'hide_item', 'rating_low',
                'dislike', 'return_product', 'cancel_order', 'refund_requested', 'report_product'
            )),
        -- In thousandths, as it was when the interaction was recorded.
        weight_milli bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX interaction_account ON analytic.interaction (account_id, occurred_at) WHERE account_id IS NOT NULL;
    CREATE INDEX interaction_product ON analytic.interaction (product_id, occurred_at);
"#;

const DOWN: &str = r#"
    DROP TABLE analytic.interaction;
"#;
