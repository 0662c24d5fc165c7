//! Tokenised payment methods, exactly one of which is an account's default.

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
                CREATE TABLE account.payment_method (
                    id uuid PRIMARY KEY,
                    account_id uuid NOT NULL CONSTRAINT payment_method_account REFERENCES account.account (id),
                    provider text NOT NULL,
                    -- What the provider charges by; worth nothing to anybody else, and still never shown.
                    token text NOT NULL,
                    brand text NOT NULL,
                    last_digits text NOT NULL,
                    expires_year integer,
                    expires_month integer,
                    is_default boolean NOT NULL,
                    created_at timestamptz NOT NULL,
                    CONSTRAINT payment_method_once UNIQUE (account_id, provider, token),
                    CONSTRAINT payment_method_shows_little CHECK (last_digits ~ '^[0-9]{0,4}$'),
                    CONSTRAINT payment_method_expiry_whole CHECK ((expires_year IS NULL) = (expires_month IS NULL)),
                    CONSTRAINT payment_method_expiry_is_a_month CHECK (expires_month BETWEEN 1 AND 12)
                );
                CREATE INDEX payment_method_by_account ON account.payment_method (account_id, created_at);

                -- At most one default …
                CREATE UNIQUE INDEX payment_method_one_default ON account.payment_method (account_id) WHERE is_default;

                -- … and at least one, when a transaction that touched the methods ends.
                CREATE FUNCTION account.payment_method_keep_default() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    owner uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
                BEGIN
                    IF EXISTS (SELECT FROM account.payment_method WHERE account_id = owner)
                        AND NOT EXISTS (SELECT FROM account.payment_method WHERE account_id = owner AND is_default)
                    THEN
                        RAISE EXCEPTION 'account % has payment methods and none is its default', owner
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_method_has_default';
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER payment_method_has_default
                    AFTER INSERT OR UPDATE OF is_default, account_id OR DELETE ON account.payment_method
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION account.payment_method_keep_default();
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                "DROP TABLE account.payment_method; DROP FUNCTION account.payment_method_keep_default();",
            )
            .await?;
        Ok(())
    }
}
