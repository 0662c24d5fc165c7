//! The order in which products are most sold.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX analytic.product_sales_best;").await.map(drop)
    }
}

const UP: &str = r#"
    CREATE INDEX product_sales_best ON analytic.product_sales ((units_sold - units_returned) DESC, product_id DESC);
"#;
