//! Who follows whom.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// One account follows another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "follow")]
pub struct Model {
    /// Who follows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub follower_id: AccountId,
    /// Who is followed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub followed_id: AccountId,
    /// Since when.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
