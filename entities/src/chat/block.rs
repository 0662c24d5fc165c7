//! Who may not write to whom, copied from `account`.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// One account does not want to hear from another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "chat", table_name = "block")]
pub struct Model {
    /// Who blocks.
    #[sea_orm(primary_key, auto_increment = false)]
    pub blocker_id: AccountId,
    /// Who is blocked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub blocked_id: AccountId,
}

impl ActiveModelBehavior for ActiveModel {}
