//! A notification.

use kernel::{AccountId, NotificationId};
use sea_orm::entity::prelude::*;

/// One notification to one account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "notification")]
pub struct Model {
    /// Id, drawn by whoever sent it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    /// Who is notified.
    pub account_id: AccountId,
    /// The number among the account's notifications: 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// What happened, by its name in the contract between the modules.
    pub kind: String,
    /// A short line.
    pub title: String,
    /// A sentence or two.
    pub content: String,
    /// Ids that a client needs to open the right page.
    #[sea_orm(column_type = "JsonBinary")]
    pub metadata: Json,
    /// By which ways it was sent: `IN_APP` always, `EMAIL` and `SMS` where the account wants it.
    pub channels: Vec<String>,
    /// When it was stored.
    pub created_at: DateTimeUtc,
    /// When it was read.
    pub read_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
