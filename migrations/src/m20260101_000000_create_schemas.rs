//! One schema for each module, in which its role alone may work.

use sea_orm_migration::prelude::*;

use crate::MODULES;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for module in MODULES {
            manager
                .get_connection()
                .execute_unprepared(&format!(
                    r#"
                    CREATE SCHEMA "{module}";
                    GRANT USAGE ON SCHEMA "{module}" TO shopnexus_{module};
                    ALTER DEFAULT PRIVILEGES IN SCHEMA "{module}"
                        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shopnexus_{module};
                    ALTER DEFAULT PRIVILEGES IN SCHEMA "{module}" GRANT USAGE ON SEQUENCES TO shopnexus_{module};
                    "#
                ))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for module in MODULES {
            manager.get_connection().execute_unprepared(&format!(r#"DROP SCHEMA "{module}" CASCADE;"#)).await?;
        }
        Ok(())
    }
}
