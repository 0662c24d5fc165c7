//! The conversation of a pair of accounts.

use kernel::{AccountId, ConversationId};
use sea_orm::entity::prelude::*;

/// One conversation. The pair is stored in the order of the ids, so that either side finds the same row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "chat", table_name = "conversation")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// The account with the smaller id.
    pub lower_account_id: AccountId,
    /// The account with the greater id.
    pub upper_account_id: AccountId,
    /// The number of the newest message; zero when there is none.
    pub last_sequence: i64,
    /// When the newest message was written.
    pub active_at: DateTimeUtc,
    /// When the conversation was opened.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The other account of the conversation.
    pub fn other(&self, account_id: AccountId) -> AccountId {
        if account_id == self.lower_account_id { self.upper_account_id } else { self.lower_account_id }
    }
}
