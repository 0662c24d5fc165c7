//! `ChatBlocks.set`: keeps a copy of who blocks whom, so that writing a message asks no other module.
//!
//! `account` calls it for one pair in the order of its decisions, and answers its user when it has answered: from then on
//! a blocked account can write no more. One step, which may be repeated.

use contracts::chat::BlockSet;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::store;

/// The copy of who blocks whom.
pub(crate) struct ChatBlocks {
    pub(crate) db: DatabaseConnection,
}

/// Copies of blocks.
#[restate_sdk::service(name = "ChatBlocks", client_visibility = "pub(crate)", ingress_private)]
impl ChatBlocks {
    /// Copies a block or its end.
    #[handler]
    async fn set(&self, ctx: Context<'_>, Json(block): Json<BlockSet>) -> Result<Json<()>, HandlerError> {
        step!(ctx, "copy", store::block_set(&self.db, &block))?;
        Ok(Json(()))
    }
}
