//! What checkouts have used of promotions, given back at most once.

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
                -- One row for each checkout that was priced and counted; it keeps the first answer.
                CREATE TABLE promotion.redemption (
                    operation_id uuid PRIMARY KEY,
                    buyer_id uuid NOT NULL,
                    quote jsonb,
                    created_at timestamptz NOT NULL
                );

                -- One row for each item and promotion. A checkout is one use of a promotion, however many of its items
                -- the promotion applies to, and the use ends with the last of them.
                CREATE TABLE promotion.promotion_use (
                    item_id uuid NOT NULL,
                    promotion_id uuid NOT NULL REFERENCES promotion.promotion (id),
                    operation_id uuid NOT NULL REFERENCES promotion.redemption (operation_id),
                    buyer_id uuid NOT NULL,
                    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
                    currency text NOT NULL,
                    given_back_at timestamptz,
                    PRIMARY KEY (item_id, promotion_id)
                );
                CREATE INDEX promotion_use_live ON promotion.promotion_use (promotion_id, operation_id)
                    WHERE given_back_at IS NULL;

                -- How often each account uses each promotion now.
                CREATE TABLE promotion.promotion_account_use (
                    promotion_id uuid NOT NULL REFERENCES promotion.promotion (id),
                    account_id uuid NOT NULL,
                    uses bigint NOT NULL CHECK (uses >= 0),
                    PRIMARY KEY (promotion_id, account_id)
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                "DROP TABLE promotion.promotion_account_use, promotion.promotion_use, promotion.redemption;",
            )
            .await?;
        Ok(())
    }
}
