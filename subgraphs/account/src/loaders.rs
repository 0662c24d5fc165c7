//! DataLoaders, made anew for each request. They batch and do not cache, so that a field read after a mutation of the
//! same operation shows its effect.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use entities::account::{account, contact};
use kernel::{AccountId, ProductId};
use sea_orm::DatabaseConnection;
use service_kit::{Error, Result, error::LoadError, graphql::batching};

use crate::store::{self, FollowCounts};

/// The loaders of one request.
pub struct Loaders {
    pub(crate) accounts: DataLoader<Accounts>,
    pub(crate) contacts: DataLoader<Contacts>,
    pub(crate) unread: DataLoader<Unread>,
    pub(crate) favorites: DataLoader<Favorites>,
    pub(crate) follow_counts: DataLoader<FollowCountsOf>,
    pub(crate) following: DataLoader<Following>,
    pub(crate) blocks: DataLoader<Blocks>,
}

impl Loaders {
    /// Loaders that have loaded nothing yet.
    pub fn new(db: &DatabaseConnection) -> Self {
        Self {
            accounts: batching(Accounts(db.clone())),
            contacts: batching(Contacts(db.clone())),
            unread: batching(Unread(db.clone())),
            favorites: batching(Favorites(db.clone())),
            follow_counts: batching(FollowCountsOf(db.clone())),
            following: batching(Following(db.clone())),
            blocks: batching(Blocks(db.clone())),
        }
    }

    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data_opt::<Self>().ok_or_else(|| Error::broken("a request without loaders"))
    }
}

/// Accounts by id.
pub(crate) struct Accounts(DatabaseConnection);

impl Loader<AccountId> for Accounts {
    type Value = Arc<account::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, Self::Value>, LoadError> {
        let rows = store::account_list(&self.0, ids.to_vec()).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }
}

/// All contacts of an account, oldest first.
pub(crate) struct Contacts(DatabaseConnection);

impl Loader<AccountId> for Contacts {
    type Value = Vec<contact::Model>;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, Self::Value>, LoadError> {
        let mut contacts: HashMap<AccountId, Self::Value> = HashMap::new();
        for row in store::contact_list_of(&self.0, ids.to_vec()).await? {
            contacts.entry(row.account_id).or_default().push(row);
        }
        Ok(contacts)
    }
}

/// How many notifications an account has not read.
pub(crate) struct Unread(DatabaseConnection);

impl Loader<AccountId> for Unread {
    type Value = i64;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, i64>, LoadError> {
        Ok(store::unread_counts(&self.0, ids.to_vec()).await?)
    }
}

/// Whether an account has marked a product; present when it has.
pub(crate) struct Favorites(DatabaseConnection);

impl Loader<(AccountId, ProductId)> for Favorites {
    type Value = ();
    type Error = LoadError;

    async fn load(
        &self,
        pairs: &[(AccountId, ProductId)],
    ) -> Result<HashMap<(AccountId, ProductId), Self::Value>, LoadError> {
        let rows = store::favorites_among(&self.0, pairs).await?;
        Ok(rows.into_iter().map(|row| ((row.account_id, row.product_id), ())).collect())
    }
}

/// How many follow an account, and how many it follows.
pub(crate) struct FollowCountsOf(DatabaseConnection);

impl Loader<AccountId> for FollowCountsOf {
    type Value = FollowCounts;
    type Error = LoadError;

    async fn load(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, FollowCounts>, LoadError> {
        Ok(store::follow_counts(&self.0, ids.to_vec()).await?)
    }
}

/// Whether the first account follows the second; present when it does.
pub(crate) struct Following(DatabaseConnection);

impl Loader<(AccountId, AccountId)> for Following {
    type Value = ();
    type Error = LoadError;

    async fn load(
        &self,
        pairs: &[(AccountId, AccountId)],
    ) -> Result<HashMap<(AccountId, AccountId), Self::Value>, LoadError> {
        let rows = store::following_among(&self.0, pairs).await?;
        Ok(rows.into_iter().map(|row| ((row.follower_id, row.followed_id), ())).collect())
    }
}

/// Whether the first account blocks the second; present when it does.
pub(crate) struct Blocks(DatabaseConnection);

impl Loader<(AccountId, AccountId)> for Blocks {
    type Value = ();
    type Error = LoadError;

    async fn load(
        &self,
        pairs: &[(AccountId, AccountId)],
    ) -> Result<HashMap<(AccountId, AccountId), Self::Value>, LoadError> {
        let rows = store::blocks_among(&self.0, pairs).await?;
        Ok(rows.into_iter().map(|row| ((row.blocker_id, row.blocked_id), ())).collect())
    }
}
