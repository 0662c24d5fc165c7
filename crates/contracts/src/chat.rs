//! What other modules may ask of `chat`.

use kernel::{AccountId, MessageId, OrderId};
use serde::{Deserialize, Serialize};

use crate::Call;

/// Posts a system message into the conversation of two accounts, which is opened when there is none.
pub const SYSTEM_MESSAGE: Call<SystemMessage, ()> = Call::new("ChatMessages", "system_message");

/// Tells that an account does not want to hear from another any more, or does again. Only `account` sends it, and for one
/// pair in the order of what was decided.
pub const BLOCK_SET: Call<BlockSet, ()> = Call::new("ChatBlocks", "set");

/// Whether one account blocks another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BlockSet {
    /// Who decides.
    pub blocker_id: AccountId,
    /// About whom.
    pub blocked_id: AccountId,
    /// Whether the block stands now.
    pub blocked: bool,
}

/// A message that no person wrote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SystemMessage {
    /// Drawn by the caller; the same id again changes nothing.
    pub message_id: MessageId,
    /// The account whose action caused it.
    pub from: AccountId,
    /// The other account of the conversation.
    pub to: AccountId,
    /// The text.
    pub body: String,
    /// The order it is about, shown as a card.
    pub order_id: Option<OrderId>,
}
