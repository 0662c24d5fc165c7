//! One table for promotions of every kind; what a kind alone knows stands in `data`.

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
                CREATE TABLE promotion.promotion (
                    id uuid PRIMARY KEY,
                    owner_id uuid NOT NULL,
                    scope text NOT NULL CHECK (scope IN ('SELLER', 'PLATFORM')),
                    name text NOT NULL,
                    description text NOT NULL,
                    kind text NOT NULL,
                    data jsonb NOT NULL,
                    currency text,
                    code text,
                    stack_group text NOT NULL,
                    starts_at timestamptz NOT NULL,
                    ends_at timestamptz,
                    enabled boolean NOT NULL,
                    uses_max bigint CHECK (uses_max >= 1),
                    uses_per_account bigint CHECK (uses_per_account >= 1),
                    budget_minor bigint CHECK (budget_minor >= 1),
                    uses bigint NOT NULL DEFAULT 0,
                    spent_minor bigint NOT NULL DEFAULT 0,
                    created_at timestamptz NOT NULL,
                    updated_at timestamptz NOT NULL,
                    CONSTRAINT promotion_kind CHECK (kind IN ('DISCOUNT', 'SHIP_DISCOUNT', 'BUNDLE', 'BUY_X_GET_Y')),
                    CONSTRAINT promotion_data_kind CHECK (data ->> 'kind' = kind),
                    CONSTRAINT promotion_schedule CHECK (ends_at > starts_at),
                    CONSTRAINT promotion_budget_currency CHECK (budget_minor IS NULL OR currency IS NOT NULL),
                    CONSTRAINT promotion_uses_within_max CHECK (uses >= 0 AND uses <= uses_max),
                    CONSTRAINT promotion_spent_within_budget CHECK (spent_minor >= 0 AND spent_minor <= budget_minor)
                );
                CREATE UNIQUE INDEX promotion_code_of_seller ON promotion.promotion (owner_id, code)
                    WHERE scope = 'SELLER';
                CREATE UNIQUE INDEX promotion_code_of_platform ON promotion.promotion (code)
                    WHERE scope = 'PLATFORM';
                CREATE INDEX promotion_by_code ON promotion.promotion (code) WHERE code IS NOT NULL;
                CREATE INDEX promotion_automatic ON promotion.promotion (owner_id) WHERE code IS NULL AND enabled;
                CREATE INDEX promotion_platform ON promotion.promotion (created_at DESC, id DESC)
                    WHERE scope = 'PLATFORM';
                CREATE INDEX promotion_of_owner ON promotion.promotion (owner_id, created_at DESC, id DESC);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE promotion.promotion;").await?;
        Ok(())
    }
}
