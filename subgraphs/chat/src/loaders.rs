//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::chat::{conversation, participant};
use kernel::{AccountId, ConversationId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::store;

/// The loaders of one request.
pub(crate) struct Loaders {
    /// What an account has read of a conversation.
    pub(crate) participants: DataLoader<Participants>,
    /// Conversations, for an account that takes part in them.
    pub(crate) conversations: DataLoader<Conversations>,
}

impl Loaders {
    pub(crate) fn new(db: &DatabaseConnection) -> Self {
        Self {
            participants: batching(Participants { db: db.clone() }),
            conversations: batching(Conversations { db: db.clone() }),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Loads [`participant`] rows.
pub(crate) struct Participants {
    db: DatabaseConnection,
}

impl Loader<(ConversationId, AccountId)> for Participants {
    type Value = participant::Model;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[(ConversationId, AccountId)],
    ) -> Result<HashMap<(ConversationId, AccountId), Self::Value>, LoadError> {
        let rows = store::participant_list(&self.db, keys).await?;
        Ok(rows.into_iter().map(|row| ((row.conversation_id, row.account_id), row)).collect())
    }
}

/// Loads [`conversation`] rows for accounts that take part in them.
pub(crate) struct Conversations {
    db: DatabaseConnection,
}

impl Loader<(ConversationId, AccountId)> for Conversations {
    type Value = conversation::Model;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[(ConversationId, AccountId)],
    ) -> Result<HashMap<(ConversationId, AccountId), Self::Value>, LoadError> {
        let rows = store::conversation_list_by_keys(&self.db, keys).await?;
        let of_party = rows.into_iter().flat_map(|row| {
            [row.lower_account_id, row.upper_account_id].map(|account_id| ((row.id, account_id), row.clone()))
        });
        Ok(of_party.collect())
    }
}
