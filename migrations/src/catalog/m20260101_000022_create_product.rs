//! Products, and the tags that were ever used on one.

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
                CREATE TABLE catalog.product (
                    id uuid PRIMARY KEY,
                    seller_id uuid NOT NULL,
                    category_id uuid NOT NULL CONSTRAINT product_category_exists REFERENCES catalog.category (id),
                    -- The seller's own number, which lets an import be repeated.
                    external_id text,
                    -- The command that made it, so that the same command finds it for ever.
                    operation_id uuid CONSTRAINT product_operation_unique UNIQUE,
                    slug text COLLATE "C" NOT NULL CONSTRAINT product_slug_unique UNIQUE,
                    name text NOT NULL CONSTRAINT product_name_length CHECK (char_length(name) BETWEEN 1 AND 300),
                    description text NOT NULL DEFAULT '',
                    tags text[] NOT NULL DEFAULT '{}',
                    specifications jsonb NOT NULL DEFAULT '[]'
                        CONSTRAINT product_specifications_are_a_list CHECK (jsonb_typeof(specifications) = 'array'),
                    -- Copied from the featured SKU by whoever changes either, so that lists can sort and filter by price.
                    price_minor bigint NOT NULL CONSTRAINT product_price_positive CHECK (price_minor > 0),
                    price_currency text NOT NULL CONSTRAINT product_currency_code CHECK (price_currency ~ '^[A-Z]{3}$'),
                    enabled boolean NOT NULL DEFAULT true,
                    created_at timestamptz NOT NULL,
                    updated_at timestamptz NOT NULL,
                    deleted_at timestamptz,
                    -- The two columns that text search reads, kept by the database itself.
                    name_folded text NOT NULL GENERATED ALWAYS AS (catalog.folded(name)) STORED,
                    document tsvector NOT NULL
                        GENERATED ALWAYS AS (catalog.document(name, tags, specifications, description)) STORED,
                    CONSTRAINT product_external_id_unique UNIQUE (seller_id, external_id)
                );
                CREATE INDEX product_newest ON catalog.product (created_at DESC, id DESC) WHERE enabled AND deleted_at IS NULL;
                CREATE INDEX product_by_category ON catalog.product (category_id, created_at DESC, id DESC)
                    WHERE enabled AND deleted_at IS NULL;
                CREATE INDEX product_by_price ON catalog.product (price_currency, price_minor, id)
                    WHERE enabled AND deleted_at IS NULL;
                CREATE INDEX product_by_seller ON catalog.product (seller_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
                CREATE INDEX product_by_tag ON catalog.product USING gin (tags);
                CREATE INDEX product_document ON catalog.product USING gin (document);
                CREATE INDEX product_name_trigrams ON catalog.product USING gin (name_folded gin_trgm_ops);

                CREATE TABLE catalog.tag (
                    name text PRIMARY KEY CONSTRAINT tag_name_length CHECK (char_length(name) BETWEEN 1 AND 50),
                    created_at timestamptz NOT NULL DEFAULT now()
                );
                CREATE INDEX tag_prefix ON catalog.tag (name text_pattern_ops);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.tag; DROP TABLE catalog.product;").await?;
        Ok(())
    }
}
