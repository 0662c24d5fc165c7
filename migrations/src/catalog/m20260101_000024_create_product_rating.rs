//! The ratings of each product, counted by the transaction that writes or removes a review.

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
                CREATE TABLE catalog.product_rating (
                    product_id uuid PRIMARY KEY
                        CONSTRAINT product_rating_product_exists REFERENCES catalog.product (id) ON DELETE CASCADE,
                    stars_1 integer NOT NULL DEFAULT 0 CONSTRAINT product_rating_stars_1 CHECK (stars_1 >= 0),
                    stars_2 integer NOT NULL DEFAULT 0 CONSTRAINT product_rating_stars_2 CHECK (stars_2 >= 0),
                    stars_3 integer NOT NULL DEFAULT 0 CONSTRAINT product_rating_stars_3 CHECK (stars_3 >= 0),
                    stars_4 integer NOT NULL DEFAULT 0 CONSTRAINT product_rating_stars_4 CHECK (stars_4 >= 0),
                    stars_5 integer NOT NULL DEFAULT 0 CONSTRAINT product_rating_stars_5 CHECK (stars_5 >= 0),
                    -- What lists sort by: the average in millionths of a star, as if everybody began with five reviews of 3.5. One
                    -- enthusiastic review does not outrank a hundred good ones.
                    score bigint NOT NULL GENERATED ALWAYS AS (
                        (17500000 + 1000000 * (stars_1 + 2 * stars_2::bigint + 3 * stars_3::bigint + 4 * stars_4::bigint + 5 * stars_5::bigint))
                        / (5 + stars_1 + stars_2 + stars_3 + stars_4 + stars_5)
                    ) STORED
                );
                CREATE INDEX product_rating_best ON catalog.product_rating (score DESC, product_id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE catalog.product_rating;").await?;
        Ok(())
    }
}
