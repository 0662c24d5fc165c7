//! The ledger learns who bears cashback.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await.map(drop)
    }
}

const UP: &str = r#"
    ALTER TABLE "order".ledger_entry
        DROP CONSTRAINT ledger_entry_kind,
        ADD CONSTRAINT ledger_entry_kind CHECK (kind IN
            ('SALE', 'FEE', 'CREDIT', 'REFUND', 'FEE_REFUND', 'REFUND_PAID', 'PAYOUT', 'CASHBACK')),
        DROP CONSTRAINT ledger_entry_account,
        ADD CONSTRAINT ledger_entry_account CHECK (account IN
            ('BUYER_CLEARING', 'BUYER_CREDIT', 'SELLER_EARNING', 'SELLER_PAYOUT', 'PAID_OUT', 'PLATFORM_FEE',
             'BUYER_CASHBACK', 'PLATFORM_CASHBACK')),
        DROP CONSTRAINT ledger_entry_owner,
        ADD CONSTRAINT ledger_entry_owner CHECK ((owner_id IS NULL) = (account IN ('PLATFORM_FEE', 'PLATFORM_CASHBACK')));
"#;

const DOWN: &str = r#"
    ALTER TABLE "order".ledger_entry
        DROP CONSTRAINT ledger_entry_owner,
        ADD CONSTRAINT ledger_entry_owner CHECK ((owner_id IS NULL) = (account = 'PLATFORM_FEE')) NOT VALID,
        DROP CONSTRAINT ledger_entry_kind,
        ADD CONSTRAINT ledger_entry_kind CHECK (kind IN
            ('SALE', 'FEE', 'CREDIT', 'REFUND', 'FEE_REFUND', 'REFUND_PAID', 'PAYOUT')) NOT VALID,
        DROP CONSTRAINT ledger_entry_account,
        ADD CONSTRAINT ledger_entry_account CHECK (account IN
            ('BUYER_CLEARING', 'BUYER_CREDIT', 'SELLER_EARNING', 'SELLER_PAYOUT', 'PAID_OUT', 'PLATFORM_FEE')) NOT VALID;
"#;
