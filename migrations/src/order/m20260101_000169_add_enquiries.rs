//! The history of a payment tells what its provider is asked about money that was reported.

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
    ALTER TABLE "order".payment_event DROP CONSTRAINT payment_event_kind,
        ADD CONSTRAINT payment_event_kind CHECK (kind IN
            ('REQUESTED', 'REPORTED', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CREDITED', 'ORDER_CANCELLED', 'COLLECTED',
             'REFUND_ASKED', 'REFUNDED', 'REFUND_REFUSED', 'ENQUIRY_OPENED', 'ENQUIRY_CLOSED'));
    CREATE INDEX payment_event_enquiries ON "order".payment_event (at) WHERE kind = 'ENQUIRY_OPENED';
"#;

const DOWN: &str = r#"
    DROP INDEX "order".payment_event_enquiries;
    ALTER TABLE "order".payment_event DROP CONSTRAINT payment_event_kind,
        ADD CONSTRAINT payment_event_kind CHECK (kind IN
            ('REQUESTED', 'REPORTED', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CREDITED', 'ORDER_CANCELLED', 'COLLECTED',
             'REFUND_ASKED', 'REFUNDED', 'REFUND_REFUSED')) NOT VALID;
"#;
