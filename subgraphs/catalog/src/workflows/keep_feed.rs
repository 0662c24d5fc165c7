//! `FeedKeeper`: the recommendations of an account; the key is its id.
//!
//! | step | undo |
//! |---|---|
//! | read the account's taste (`analytic`) | |
//! | note what it should not be offered, make the feed, keep it in Redis | |
//!
//! Asked for by whoever finds a feed old, and by `analytic` when the account bought or hid something. An object, so that
//! an older feed never replaces a newer one.

use chrono::Utc;
use contracts::analytic::{TASTE_FETCH, Taste};
use kernel::AccountId;
use redis::aio::ConnectionManager;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::step;

use crate::{
    recommend::{self, feed_make},
    search::Search,
    store::recommendation::settled_note,
};

/// Keeps the recommendations of accounts.
pub(crate) struct FeedKeeper {
    pub(crate) db: DatabaseConnection,
    pub(crate) search: Search,
    pub(crate) redis: ConnectionManager,
}

#[restate_sdk::object(name = "FeedKeeper", client_visibility = "pub(crate)", journal_retention = "1 minute")]
impl FeedKeeper {
    /// Makes the recommendations anew.
    #[handler]
    async fn refresh(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        let account_id = ctx.key().parse::<AccountId>();
        let account_id =
            account_id.map_err(|_| TerminalError::new_with_code(400, "the key is the id of an account"))?;
        let taste = TASTE_FETCH.call(&ctx, account_id).await?;
        step!(ctx, "make the feed", self.make(account_id, &taste))?;
        Ok(Json(()))
    }

    async fn make(&self, account_id: AccountId, taste: &Taste) -> service_kit::Result<()> {
        settled_note(&self.db, account_id, &taste.settled).await?;
        let now = Utc::now().timestamp_millis();
        let feed = feed_make(&self.db, Some(&self.search), account_id, taste, now).await?;
        recommend::write(&self.redis, account_id, &feed).await
    }
}
