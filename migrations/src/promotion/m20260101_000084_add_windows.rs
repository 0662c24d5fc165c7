//! The hours of promotions, and the state that a durable timer switches.

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
    ALTER TABLE promotion.promotion
        ADD COLUMN windows jsonb NOT NULL DEFAULT '[]',
        -- What the timer has switched it to. No price looks at it: whether a promotion applies is computed each time.
        ADD COLUMN state text NOT NULL DEFAULT 'SCHEDULED'
            CONSTRAINT promotion_state CHECK (state IN ('DISABLED', 'SCHEDULED', 'ACTIVE', 'PAUSED', 'ENDED')),
        -- When the state may change next. The default makes the timer look at promotions that are here already.
        ADD COLUMN next_change_at timestamptz DEFAULT now();
    CREATE INDEX promotion_next_change ON promotion.promotion (next_change_at) WHERE next_change_at IS NOT NULL;
    CREATE INDEX promotion_of_owner_state ON promotion.promotion (owner_id, state, created_at DESC, id DESC);
"#;

const DOWN: &str = r#"
    ALTER TABLE promotion.promotion DROP COLUMN next_change_at, DROP COLUMN state, DROP COLUMN windows;
"#;
