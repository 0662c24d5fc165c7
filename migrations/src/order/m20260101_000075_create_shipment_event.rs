//! The history of shipments: every place the parcel was in, append-only.

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
                CREATE TABLE "order".shipment_event (
                    shipment_id uuid NOT NULL CONSTRAINT shipment_event_shipment REFERENCES "order".shipment (id),
                    seq integer NOT NULL,
                    status text NOT NULL,
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT shipment_event_pkey PRIMARY KEY (shipment_id, seq)
                );
                CREATE TRIGGER shipment_event_append_only BEFORE UPDATE OR DELETE ON "order".shipment_event
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(r#"DROP TABLE "order".shipment_event;"#).await.map(|_| ())
    }
}
