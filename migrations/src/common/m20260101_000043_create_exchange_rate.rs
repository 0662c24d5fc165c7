//! What currencies are worth in another.

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
                CREATE TABLE common.exchange_rate (
                    currency text PRIMARY KEY CONSTRAINT exchange_rate_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$'),
                    -- Millionths of the currency for one euro: no rate is a float.
                    per_euro_micros bigint NOT NULL CONSTRAINT exchange_rate_positive CHECK (per_euro_micros > 0),
                    source text NOT NULL,
                    as_of timestamptz NOT NULL
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE common.exchange_rate;").await?;
        Ok(())
    }
}
