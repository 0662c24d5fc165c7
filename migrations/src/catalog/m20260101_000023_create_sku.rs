//! SKUs: what can be bought of a product.

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
                CREATE TABLE catalog.sku (
                    id uuid PRIMARY KEY,
                    product_id uuid NOT NULL CONSTRAINT sku_product_exists REFERENCES catalog.product (id) ON DELETE CASCADE,
                    position integer NOT NULL,
                    -- What tells the SKU from its siblings, as in `Red / M`; empty for an only SKU.
                    label text NOT NULL,
                    attributes jsonb NOT NULL DEFAULT '[]'
                        CONSTRAINT sku_attributes_are_a_list CHECK (jsonb_typeof(attributes) = 'array'),
                    price_minor bigint NOT NULL CONSTRAINT sku_price_positive CHECK (price_minor > 0),
                    price_currency text NOT NULL CONSTRAINT sku_currency_code CHECK (price_currency ~ '^[A-Z]{3}$'),
                    weight_grams integer NOT NULL CONSTRAINT sku_weight_positive CHECK (weight_grams > 0),
                    length_mm integer CONSTRAINT sku_length_positive CHECK (length_mm > 0),
                    width_mm integer CONSTRAINT sku_width_positive CHECK (width_mm > 0),
                    height_mm integer CONSTRAINT sku_height_positive CHECK (height_mm > 0),
                    requires_serials boolean NOT NULL DEFAULT false,
                    featured boolean NOT NULL DEFAULT false,
                    enabled boolean NOT NULL DEFAULT true,
                    created_at timestamptz NOT NULL,
                    updated_at timestamptz NOT NULL,
                    CONSTRAINT sku_variant_unique UNIQUE (product_id, label)
                );
                CREATE UNIQUE INDEX sku_one_featured ON catalog.sku (product_id) WHERE featured;
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.sku;").await?;
        Ok(())
    }
}
