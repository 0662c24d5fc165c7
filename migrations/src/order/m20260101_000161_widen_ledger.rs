//! The ledger learns of refunds and payouts, and credits and payment histories of refunds.

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
        ALTER COLUMN payment_id DROP NOT NULL,
        ADD COLUMN payout_id uuid CONSTRAINT ledger_entry_payout REFERENCES "order".payout (id),
        ADD COLUMN refund_id uuid CONSTRAINT ledger_entry_refund REFERENCES "order".refund (id),
        ADD CONSTRAINT ledger_entry_source CHECK ((payment_id IS NULL) <> (payout_id IS NULL)),
        DROP CONSTRAINT ledger_entry_kind,
        ADD CONSTRAINT ledger_entry_kind CHECK (kind IN
            ('SALE', 'FEE', 'CREDIT', 'REFUND', 'FEE_REFUND', 'REFUND_PAID', 'PAYOUT')),
        DROP CONSTRAINT ledger_entry_account,
        ADD CONSTRAINT ledger_entry_account CHECK (account IN
            ('BUYER_CLEARING', 'BUYER_CREDIT', 'SELLER_EARNING', 'SELLER_PAYOUT', 'PAID_OUT', 'PLATFORM_FEE'));
    CREATE INDEX ledger_entry_by_payout ON "order".ledger_entry (payout_id) WHERE payout_id IS NOT NULL;
    CREATE INDEX ledger_entry_by_refund ON "order".ledger_entry (refund_id) WHERE refund_id IS NOT NULL;

    ALTER TABLE "order".payment_credit DROP CONSTRAINT payment_credit_reason,
        ADD CONSTRAINT payment_credit_reason CHECK (reason IN ('LATE', 'DUPLICATE', 'ORDER_CLOSED', 'REFUND'));
    ALTER TABLE "order".payment_event DROP CONSTRAINT payment_event_kind,
        ADD CONSTRAINT payment_event_kind CHECK (kind IN
            ('REQUESTED', 'REPORTED', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CREDITED', 'ORDER_CANCELLED', 'COLLECTED',
             'REFUND_ASKED', 'REFUNDED', 'REFUND_REFUSED'));
"#;

const DOWN: &str = r#"
    ALTER TABLE "order".payment_event DROP CONSTRAINT payment_event_kind,
        ADD CONSTRAINT payment_event_kind CHECK (kind IN
            ('REQUESTED', 'REPORTED', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CREDITED', 'ORDER_CANCELLED', 'COLLECTED'))
            NOT VALID;
    ALTER TABLE "order".payment_credit DROP CONSTRAINT payment_credit_reason,
        ADD CONSTRAINT payment_credit_reason CHECK (reason IN ('LATE', 'DUPLICATE', 'ORDER_CLOSED')) NOT VALID;
    ALTER TABLE "order".ledger_entry
        DROP CONSTRAINT ledger_entry_source,
        DROP COLUMN refund_id,
        DROP COLUMN payout_id,
        DROP CONSTRAINT ledger_entry_kind,
        ADD CONSTRAINT ledger_entry_kind CHECK (kind IN ('SALE', 'FEE', 'CREDIT')) NOT VALID,
        DROP CONSTRAINT ledger_entry_account,
        ADD CONSTRAINT ledger_entry_account CHECK (account IN
            ('BUYER_CLEARING', 'BUYER_CREDIT', 'SELLER_EARNING', 'PLATFORM_FEE')) NOT VALID,
        ADD CONSTRAINT ledger_entry_payment_known CHECK (payment_id IS NOT NULL) NOT VALID;
"#;
