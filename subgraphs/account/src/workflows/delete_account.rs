//! `AccountDeletion`: forgets an account in every module, and `AccountData.export` gathers what they keep of it.
//!
//! 1. every module tells what stands in the way (an order under way, money not paid out); if anything does, nothing is
//!    changed.
//! 2. *close*: the account cannot log in any more, and its tokens stop working.
//! 3. every module forgets it, the account's own module last. Each does so in one transaction, and again changes nothing.
//!
//! Orders, payments and the ledger stay, without names and addresses. It is an object with one key for each account, so
//! that two requests never interleave. There is no way back after *close*: what comes up in a module between the first
//! step and the third (an item checked out in the last second) is waited for, and asked about again after an hour.

use std::time::Duration;

use contracts::{
    Call, ObjectCall,
    keeping::{Forget, KEEPERS, Obstacle},
};
use kernel::AccountId;
use redis::aio::ConnectionManager;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde_json::{Map, Value};
use service_kit::step;

use crate::sessions;

/// Deletes an account; the answer is what stands in the way, and nothing when it is on its way.
pub(crate) const DELETE: ObjectCall<AccountId, Vec<Obstacle>> = ObjectCall::new("AccountDeletion", "delete");
/// Goes on with a deletion that had to wait.
const FINISH: ObjectCall<AccountId, ()> = ObjectCall::new("AccountDeletion", "finish");
/// Everything that the marketplace keeps of an account, by module.
pub(crate) const EXPORT: Call<AccountId, Value> = Call::new("AccountData", "export");

/// How long a deletion waits for what came up in a module.
const WAIT: Duration = Duration::from_secs(60 * 60);

/// The durable object that deletes accounts.
pub(crate) struct AccountDeletion {
    pub(crate) db: DatabaseConnection,
    pub(crate) redis: ConnectionManager,
}

/// Deletes accounts.
#[restate_sdk::object(name = "AccountDeletion", client_visibility = "pub(crate)")]
impl AccountDeletion {
    /// Deletes an account, unless something stands in the way.
    #[handler]
    async fn delete(
        &self,
        ctx: ObjectContext<'_>,
        Json(account_id): Json<AccountId>,
    ) -> Result<Json<Vec<Obstacle>>, HandlerError> {
        let mut obstacles = Vec::new();
        for keeper in &KEEPERS {
            obstacles.extend(keeper.forget.call(&ctx, Forget { account_id, only_look: true }).await?);
        }
        if !obstacles.is_empty() {
            return Ok(Json(obstacles));
        }
        step!(ctx, "close the account", async {
            let reason = Some("deleted".to_owned());
            sessions::suspend(&self.db, &self.redis, account_id, reason).await.map(drop)
        })?;
        forget(&ctx, account_id).await?;
        Ok(Json(obstacles))
    }

    /// Goes on with a deletion that had to wait.
    #[handler]
    async fn finish(
        &self,
        ctx: ObjectContext<'_>,
        Json(account_id): Json<AccountId>,
    ) -> Result<Json<()>, HandlerError> {
        forget(&ctx, account_id).await?;
        Ok(Json(()))
    }
}

async fn forget(ctx: &ObjectContext<'_>, account_id: AccountId) -> Result<(), TerminalError> {
    for keeper in &KEEPERS {
        let obstacles = keeper.forget.call(ctx, Forget { account_id, only_look: false }).await?;
        if !obstacles.is_empty() {
            FINISH.send_after(ctx, account_id, WAIT, account_id);
            return Ok(());
        }
    }
    Ok(())
}

/// The durable service that gathers what is kept.
pub(crate) struct AccountData;

/// Gathers what is kept of an account.
#[restate_sdk::service(name = "AccountData", client_visibility = "pub(crate)")]
impl AccountData {
    /// Asks every module.
    #[handler]
    async fn export(&self, ctx: Context<'_>, Json(account_id): Json<AccountId>) -> Result<Json<Value>, HandlerError> {
        let mut modules = Map::new();
        for keeper in &KEEPERS {
            modules.insert(keeper.module.to_owned(), keeper.export.call(&ctx, account_id).await?);
        }
        Ok(Json(Value::Object(modules)))
    }
}
