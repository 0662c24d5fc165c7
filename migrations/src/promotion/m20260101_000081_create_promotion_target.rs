//! What a promotion is about; without any row it is about all products of its owner.

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
                CREATE TABLE promotion.promotion_target (
                    promotion_id uuid NOT NULL REFERENCES promotion.promotion (id) ON DELETE CASCADE,
                    kind text NOT NULL CHECK (kind IN ('PRODUCT', 'SKU', 'CATEGORY')),
                    target_id uuid NOT NULL,
                    PRIMARY KEY (promotion_id, kind, target_id)
                );
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE promotion.promotion_target;").await?;
        Ok(())
    }
}
