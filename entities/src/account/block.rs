//! Who does not want to hear from whom.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// One account blocks another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "block")]
pub struct Model {
    /// Who blocks.
    #[sea_orm(primary_key, auto_increment = false)]
    pub blocker_id: AccountId,
    /// Who is blocked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub blocked_id: AccountId,
    /// Since when.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
