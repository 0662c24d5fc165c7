//! What reviews said before they were edited, who reported a comment and why, and what was taken down.

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
    ALTER TABLE catalog.comment
        ADD COLUMN edited_at timestamptz,
        -- Taken down by an administrator: it is not listed and its stars do not count.
        ADD COLUMN removed_at timestamptz,
        -- Written by whoever sells the product.
        ADD COLUMN by_seller boolean NOT NULL DEFAULT false;
    UPDATE catalog.comment c SET by_seller = true
    FROM catalog.product p WHERE p.id = c.product_id AND p.seller_id = c.author_id;
    CREATE INDEX comment_seller_answer ON catalog.comment (parent_id, created_at DESC, id DESC)
        WHERE by_seller AND removed_at IS NULL;

    CREATE TABLE catalog.comment_revision (
        comment_id uuid NOT NULL CONSTRAINT comment_revision_comment_exists REFERENCES catalog.comment (id) ON DELETE CASCADE,
        number integer NOT NULL CONSTRAINT comment_revision_number CHECK (number > 0),
        rating smallint CONSTRAINT comment_revision_rating_range CHECK (rating BETWEEN 1 AND 5),
        body text NOT NULL,
        -- Until when the comment said this.
        replaced_at timestamptz NOT NULL,
        CONSTRAINT comment_revision_pkey PRIMARY KEY (comment_id, number)
    );
    CREATE FUNCTION catalog.comment_revision_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'what a comment said before is never changed'; END $$;
    CREATE TRIGGER comment_revision_stays BEFORE UPDATE ON catalog.comment_revision
        FOR EACH ROW EXECUTE FUNCTION catalog.comment_revision_stays();

    CREATE TABLE catalog.comment_report (
        id uuid CONSTRAINT comment_report_pkey PRIMARY KEY,
        comment_id uuid NOT NULL CONSTRAINT comment_report_comment_exists REFERENCES catalog.comment (id) ON DELETE CASCADE,
        reporter_id uuid NOT NULL,
        reason text NOT NULL CONSTRAINT comment_report_reason
            CHECK (reason IN ('SPAM', 'OFFENSIVE', 'FAKE', 'PRIVATE_DATA', 'OTHER')),
        details text NOT NULL CONSTRAINT comment_report_details_length CHECK (char_length(details) <= 1000),
        created_at timestamptz NOT NULL,
        resolved_at timestamptz,
        resolved_by uuid,
        decision text CONSTRAINT comment_report_decision CHECK (decision IN ('DISMISSED', 'REMOVED')),
        CONSTRAINT comment_report_resolved_as_a_whole
            CHECK ((resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_at IS NULL) = (decision IS NULL))
    );
    CREATE UNIQUE INDEX comment_report_open_once ON catalog.comment_report (comment_id, reporter_id) WHERE resolved_at IS NULL;
    CREATE INDEX comment_report_open ON catalog.comment_report (id DESC) WHERE resolved_at IS NULL;
"#;

const DOWN: &str = r#"
    DROP TABLE catalog.comment_report;
    DROP TABLE catalog.comment_revision;
    DROP FUNCTION catalog.comment_revision_stays();
    ALTER TABLE catalog.comment DROP COLUMN by_seller, DROP COLUMN removed_at, DROP COLUMN edited_at;
"#;
