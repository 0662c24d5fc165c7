//! Reviews of products, and replies to them.

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
                CREATE TABLE catalog.comment (
                    id uuid PRIMARY KEY,
                    product_id uuid NOT NULL CONSTRAINT comment_product_exists REFERENCES catalog.product (id) ON DELETE CASCADE,
                    parent_id uuid CONSTRAINT comment_parent_exists REFERENCES catalog.comment (id),
                    author_id uuid NOT NULL,
                    -- The delivered item that entitles to the review; a row of another schema.
                    order_item_id uuid CONSTRAINT comment_one_review_per_item UNIQUE,
                    rating smallint CONSTRAINT comment_rating_range CHECK (rating BETWEEN 1 AND 5),
                    body text NOT NULL CONSTRAINT comment_body_length CHECK (char_length(body) <= 5000),
                    upvotes integer NOT NULL DEFAULT 0 CONSTRAINT comment_upvotes CHECK (upvotes >= 0),
                    downvotes integer NOT NULL DEFAULT 0 CONSTRAINT comment_downvotes CHECK (downvotes >= 0),
                    score integer NOT NULL GENERATED ALWAYS AS (upvotes - downvotes) STORED,
                    reply_count integer NOT NULL DEFAULT 0 CONSTRAINT comment_reply_count CHECK (reply_count >= 0),
                    created_at timestamptz NOT NULL,
                    CONSTRAINT comment_review_or_reply CHECK (
                        (parent_id IS NULL) = (rating IS NOT NULL) AND (parent_id IS NULL) = (order_item_id IS NOT NULL)
                    )
                );
                CREATE INDEX comment_reviews_newest ON catalog.comment (product_id, created_at DESC, id DESC) WHERE parent_id IS NULL;
                CREATE INDEX comment_reviews_top ON catalog.comment (product_id, score DESC, id DESC) WHERE parent_id IS NULL;
                CREATE INDEX comment_replies ON catalog.comment (parent_id, created_at, id) WHERE parent_id IS NOT NULL;
                CREATE INDEX comment_by_author ON catalog.comment (author_id, created_at DESC, id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.comment;").await?;
        Ok(())
    }
}
