//! Shipping addresses, exactly one of which is an account's default.

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
                CREATE TABLE account.contact (
                    id uuid PRIMARY KEY,
                    account_id uuid NOT NULL CONSTRAINT contact_account REFERENCES account.account (id),
                    full_name text NOT NULL,
                    phone text NOT NULL,
                    address text NOT NULL,
                    kind text NOT NULL,
                    latitude double precision,
                    longitude double precision,
                    is_default boolean NOT NULL,
                    created_at timestamptz NOT NULL,
                    updated_at timestamptz NOT NULL,
                    CONSTRAINT contact_phone_is_e164 CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
                    CONSTRAINT contact_kind_known CHECK (kind IN ('HOME', 'WORK')),
                    CONSTRAINT contact_position_whole CHECK ((latitude IS NULL) = (longitude IS NULL)),
                    CONSTRAINT contact_position_on_earth
                        CHECK (latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)
                );
                CREATE INDEX contact_by_account ON account.contact (account_id, created_at);

                -- At most one default …
                CREATE UNIQUE INDEX contact_one_default ON account.contact (account_id) WHERE is_default;

                -- … and at least one, when a transaction that touched the contacts ends.
                CREATE FUNCTION account.contact_keep_default() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE
                    owner uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
                BEGIN
                    IF EXISTS (SELECT FROM account.contact WHERE account_id = owner)
                        AND NOT EXISTS (SELECT FROM account.contact WHERE account_id = owner AND is_default)
                    THEN
                        RAISE EXCEPTION 'account % has contacts and none is its default', owner
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'contact_has_default';
                    END IF;
                    RETURN NULL;
                END $$;
                CREATE CONSTRAINT TRIGGER contact_has_default
                    AFTER INSERT OR UPDATE OF is_default, account_id OR DELETE ON account.contact
                    DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION account.contact_keep_default();
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP TABLE account.contact; DROP FUNCTION account.contact_keep_default();")
            .await?;
        Ok(())
    }
}
