//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::chat::{conversation, participant};
use kernel::{AccountId, ConversationId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError};

use crate::store;

/// The loaders of one request.
pub(crate) struct Loaders {
    db: DatabaseConnection,
    /// What an account has read of a conversation.
    pub(crate) participants: DataLoader<Participants>,
}

impl Loaders {
    pub(crate) fn new(db: &DatabaseConnection) -> Self {
        Self { db: db.clone(), participants: DataLoader::new(Participants { db: db.clone() }, tokio::spawn) }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }

    /// Conversations that one account takes part in.
    pub(crate) fn conversations_of(&self, account_id: AccountId) -> DataLoader<Conversations> {
        DataLoader::new(Conversations { db: self.db.clone(), account_id }, tokio::spawn)
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

/// Loads [`conversation`] rows of one account.
pub(crate) struct Conversations {
    db: DatabaseConnection,
    account_id: AccountId,
}

impl Loader<ConversationId> for Conversations {
    type Value = conversation::Model;
    type Error = LoadError;

    async fn load(&self, ids: &[ConversationId]) -> Result<HashMap<ConversationId, Self::Value>, LoadError> {
        let rows = store::conversation_list_by_ids(&self.db, self.account_id, ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}
