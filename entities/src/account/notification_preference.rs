//! By which ways besides its inbox an account wants to be told.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// The wish of one account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "notification_preference")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// By email.
    pub email: bool,
    /// By text message.
    pub sms: bool,
}

impl ActiveModelBehavior for ActiveModel {}
