//! Posts what the marketplace has to say into the conversation of two accounts.
//!
//! One step, which opens the conversation and writes the message; the message's id makes it safe to repeat. There is
//! nothing to undo.

use contracts::chat::SystemMessage;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{live::Live, step};

use crate::store;

/// Messages that no person writes.
pub(crate) struct ChatMessages {
    pub(crate) db: DatabaseConnection,
    pub(crate) live: Live,
}

#[restate_sdk::service(name = "ChatMessages", client_visibility = "pub(crate)")]
impl ChatMessages {
    /// Writes the message exactly once.
    #[handler]
    async fn system_message(
        &self,
        ctx: Context<'_>,
        Json(message): Json<SystemMessage>,
    ) -> Result<Json<()>, HandlerError> {
        let conversation_id = step!(ctx, "write message", store::system_message_send(&self.db, &message))?;
        self.live.publish(&store::topic(conversation_id)).await;
        self.live.publish(&store::inbox_topic(message.to)).await;
        Ok(Json(()))
    }
}
