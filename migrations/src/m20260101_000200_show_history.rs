//! Lets every module's role read which migrations are applied, so that a program can tell whether the database is as
//! new as itself.

use sea_orm_migration::prelude::*;

use crate::MODULES;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for module in MODULES {
            let grant = format!("GRANT SELECT ON seaql_migrations TO shopnexus_{module}");
            manager.get_connection().execute_unprepared(&grant).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for module in MODULES {
            let revoke = format!("REVOKE SELECT ON seaql_migrations FROM shopnexus_{module}");
            manager.get_connection().execute_unprepared(&revoke).await?;
        }
        Ok(())
    }
}
