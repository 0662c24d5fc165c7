//! DataLoaders, made anew for each request.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use chrono::Utc;
use entities::chat::{conversation, participant};
use kernel::{AccountId, ConversationId};
use redis::aio::ConnectionManager;
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::{
    presence,
    store::{self, Responses},
};

/// The loaders of one request.
pub struct Loaders {
    /// What an account has read of a conversation.
    pub(crate) participants: DataLoader<Participants>,
    /// Conversations, for an account that takes part in them.
    pub(crate) conversations: DataLoader<Conversations>,
    /// Who is there.
    pub(crate) online: DataLoader<Online>,
    /// Whether one of two accounts blocks the other; present when so.
    pub(crate) blocks: DataLoader<Blocks>,
    /// How accounts answer; absent of those whom nobody has asked.
    pub(crate) responses: DataLoader<Answering>,
}

impl Loaders {
    /// Loaders that have loaded nothing yet.
    pub fn new(db: &DatabaseConnection, redis: &ConnectionManager) -> Self {
        Self {
            participants: batching(Participants { db: db.clone() }),
            conversations: batching(Conversations { db: db.clone() }),
            online: batching(Online { redis: redis.clone() }),
            blocks: batching(Blocks { db: db.clone() }),
            responses: batching(Answering { db: db.clone() }),
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

/// Loads whether accounts are there.
pub(crate) struct Online {
    redis: ConnectionManager,
}

impl Loader<AccountId> for Online {
    type Value = bool;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, bool>, LoadError> {
        let online = presence::online_among(&self.redis, ids).await;
        Ok(ids.iter().copied().zip(online).collect())
    }
}

/// Loads whether one of two accounts blocks the other, whichever.
pub(crate) struct Blocks {
    db: DatabaseConnection,
}

impl Loader<(AccountId, AccountId)> for Blocks {
    type Value = ();
    type Error = LoadError;

    async fn load(
        &self,
        pairs: &[(AccountId, AccountId)],
    ) -> Result<HashMap<(AccountId, AccountId), Self::Value>, LoadError> {
        let found = store::blocks_among(&self.db, pairs).await?;
        let is_found = |one, two| found.iter().any(|row| (row.blocker_id, row.blocked_id) == (one, two));
        let blocked = pairs.iter().filter(|(one, two)| is_found(*one, *two) || is_found(*two, *one));
        Ok(blocked.map(|pair| (*pair, ())).collect())
    }
}

/// Loads how accounts answer those who write to them.
pub(crate) struct Answering {
    db: DatabaseConnection,
}

impl Loader<AccountId> for Answering {
    type Value = Responses;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, Self::Value>, LoadError> {
        let rows = store::responses(&self.db, ids, Utc::now()).await?;
        Ok(rows.into_iter().map(|row| (row.account_id, row)).collect())
    }
}
