//! What accounts report of one another, for administrators.

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
                CREATE TABLE account.account_report (
                    id uuid PRIMARY KEY,
                    reporter_id uuid NOT NULL CONSTRAINT account_report_reporter REFERENCES account.account (id),
                    account_id uuid NOT NULL CONSTRAINT account_report_account REFERENCES account.account (id),
                    reason text NOT NULL,
                    details text NOT NULL,
                    created_at timestamptz NOT NULL,
                    resolved_at timestamptz,
                    resolved_by uuid CONSTRAINT account_report_resolver REFERENCES account.account (id),
                    resolution text,
                    CONSTRAINT account_report_somebody_else CHECK (reporter_id <> account_id),
                    CONSTRAINT account_report_reason_known
                        CHECK (reason IN ('SPAM', 'FRAUD', 'COUNTERFEIT', 'HARASSMENT', 'OTHER')),
                    CONSTRAINT account_report_resolved_whole
                        CHECK ((resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_at IS NULL) = (resolution IS NULL))
                );
                -- One open report of one account by another: reporting again adds nothing to the pile.
                CREATE UNIQUE INDEX account_report_open_once ON account.account_report (reporter_id, account_id)
                    WHERE resolved_at IS NULL;
                CREATE INDEX account_report_open ON account.account_report (id) WHERE resolved_at IS NULL;
                CREATE INDEX account_report_of ON account.account_report (account_id);
                CREATE INDEX account_report_resolver ON account.account_report (resolved_by);
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE account.account_report;").await?;
        Ok(())
    }
}
