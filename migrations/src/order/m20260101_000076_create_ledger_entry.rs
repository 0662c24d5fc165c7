//! The ledger: double entry, append-only. A transaction whose entries do not add up to zero cannot commit.

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
                CREATE TABLE "order".ledger_entry (
                    id uuid PRIMARY KEY,
                    transaction_id uuid NOT NULL,
                    position smallint NOT NULL,
                    kind text NOT NULL,
                    account text NOT NULL,
                    owner_id uuid,
                    amount_minor bigint NOT NULL,
                    currency text NOT NULL,
                    payment_id uuid NOT NULL CONSTRAINT ledger_entry_payment REFERENCES "order".payment (id),
                    order_id uuid CONSTRAINT ledger_entry_order REFERENCES "order".orders (id),
                    at timestamptz NOT NULL DEFAULT now(),
                    CONSTRAINT ledger_entry_once UNIQUE (transaction_id, position),
                    CONSTRAINT ledger_entry_kind CHECK (kind IN ('SALE', 'FEE', 'CREDIT')),
                    CONSTRAINT ledger_entry_account CHECK (account IN
                        ('BUYER_CLEARING', 'BUYER_CREDIT', 'SELLER_EARNING', 'PLATFORM_FEE')),
                    CONSTRAINT ledger_entry_owner CHECK ((owner_id IS NULL) = (account = 'PLATFORM_FEE')),
                    CONSTRAINT ledger_entry_amount CHECK (amount_minor <> 0),
                    CONSTRAINT ledger_entry_currency CHECK (currency ~ '^[A-Z]{3}$')
                );
                CREATE INDEX ledger_entry_of_owner ON "order".ledger_entry (owner_id, account, id);
                CREATE INDEX ledger_entry_by_order ON "order".ledger_entry (order_id);
                CREATE INDEX ledger_entry_by_payment ON "order".ledger_entry (payment_id);
                CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON "order".ledger_entry
                    FOR EACH ROW EXECUTE FUNCTION "order".refuse_change();
                CREATE FUNCTION "order".refuse_imbalance() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT FROM "order".ledger_entry WHERE transaction_id = NEW.transaction_id
                        GROUP BY currency HAVING sum(amount_minor) <> 0
                    ) THEN
                        RAISE EXCEPTION 'ledger transaction % does not balance', NEW.transaction_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balances';
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON "order".ledger_entry
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "order".refuse_imbalance();
                "#,
            )
            .await
            .map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(r#"DROP TABLE "order".ledger_entry; DROP FUNCTION "order".refuse_imbalance();"#)
            .await
            .map(|_| ())
    }
}
