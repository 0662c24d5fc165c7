//! The counter that numbers an account's notifications.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// One counter.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "inbox")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The number of its newest notification.
    pub last_sequence: i64,
}

impl ActiveModelBehavior for ActiveModel {}
