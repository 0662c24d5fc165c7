//! What the database needs to match texts: trigrams, and one way to fold accents and case away.

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
                CREATE EXTENSION IF NOT EXISTS pg_trgm;

                -- Accents and case do not tell words apart: `Áo thun` is found by `ao thun`. Written so that it gives the same
                -- answer under every collation, which is what makes it safe to call immutable.
                CREATE FUNCTION catalog.folded(value text) RETURNS text
                    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
                    RETURN lower(translate(regexp_replace(normalize(value, NFD), '[\u0300-\u036F]', '', 'g'), 'đĐ', 'dd'));

                -- The words of a product, the ones in its name weighing most.
                CREATE FUNCTION catalog.document(name text, tags text[], specifications jsonb, description text) RETURNS tsvector
                    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
                    AS $$
                        SELECT setweight(to_tsvector('pg_catalog.english', catalog.folded(name)), 'A')
                            || setweight(to_tsvector('pg_catalog.english', catalog.folded(array_to_string(tags, ' '))), 'B')
                            || setweight(to_tsvector('pg_catalog.english',
                                   catalog.folded(jsonb_path_query_array(specifications, '$[*].value')::text)), 'C')
                            || setweight(to_tsvector('pg_catalog.english', catalog.folded(description)), 'D')
                    $$;
                "#,
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared(
                r#"
                -- The extension stays: it belongs to the database, and other schemas may have come to use it.
                DROP FUNCTION catalog.document(text, text[], jsonb, text);
                DROP FUNCTION catalog.folded(text);
                "#,
            )
            .await?;
        Ok(())
    }
}
