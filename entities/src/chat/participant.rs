//! What one of the two accounts of a conversation has read.

use kernel::{AccountId, ConversationId};
use sea_orm::entity::prelude::*;

/// One account in one conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "chat", table_name = "participant")]
pub struct Model {
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// The number of the newest message the account has read.
    pub read_sequence: i64,
    /// How many messages of the other account, or of the system, are newer than that.
    pub unread_count: i32,
    /// When the newest message was written, repeated here so that an inbox is one index scan.
    pub active_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
