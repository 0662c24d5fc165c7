//! `AccountBlocks.set`: one account blocks another, or does so no longer.
//!
//! 1. *write*: the block, and the end of what either follows of the other; or the end of the block. Again changes
//!    nothing.
//! 2. tell `chat`, which keeps a copy, so that writing a message asks nobody. When the call has answered, the blocked
//!    account can write no more.
//!
//! It is an object with one key for each pair, so that blocking and unblocking reach `chat` in the order in which they
//! were decided. There is nothing to undo: what can be refused is refused by the first step.

use contracts::{
    ObjectCall,
    chat::{BLOCK_SET, BlockSet},
};
use kernel::AccountId;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{Result as KitResult, step};

use crate::store;

/// Sets a block; the answer is whether there is such an account.
pub(crate) const SET: ObjectCall<BlockSet, bool> = ObjectCall::new("AccountBlocks", "set");

/// The key of a pair.
pub(crate) fn key(blocker_id: AccountId, blocked_id: AccountId) -> String {
    format!("{blocker_id}:{blocked_id}")
}

/// The durable object that keeps blocks.
pub(crate) struct AccountBlocks {
    pub(crate) db: DatabaseConnection,
}

/// Blocks between accounts.
#[restate_sdk::object(name = "AccountBlocks", client_visibility = "pub(crate)")]
impl AccountBlocks {
    /// Sets or ends a block, here and in chat.
    #[handler]
    async fn set(&self, ctx: ObjectContext<'_>, Json(block): Json<BlockSet>) -> Result<Json<bool>, HandlerError> {
        if !step!(ctx, "write", write(&self.db, &block))? {
            return Ok(Json(false));
        }
        BLOCK_SET.call(&ctx, block).await?;
        Ok(Json(true))
    }
}

async fn write(db: &DatabaseConnection, block: &BlockSet) -> KitResult<bool> {
    if block.blocked {
        return store::block_insert(db, block.blocker_id, block.blocked_id).await;
    }
    store::block_delete(db, block.blocker_id, block.blocked_id).await?;
    Ok(true)
}
