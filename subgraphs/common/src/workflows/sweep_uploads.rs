//! `UploadSweeper`: discards uploads that were never finished, and files that nothing shows.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the round, unless it goes round already |
//! | `sweep` | discards what has expired and what nothing has shown for a week, then sends itself again after a while |
//!
//! It is an object with one key, so that its rounds never run at the same time. Discarding twice changes nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::ObjectCall;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use service_kit::{
    rounds::{DueAt, Rounds},
    step,
};

use crate::{
    files::Files,
    store,
    uploads::{self, COMPLETION_GRACE},
};

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("UploadSweeper", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("UploadSweeper", "sweep"));

/// The one key there is.
pub(crate) const KEY: &str = "uploads";

/// How long a complete file may wait for something to show it.
const ORPHAN_GRACE: TimeDelta = TimeDelta::days(7);

const PERIOD: Duration = Duration::from_secs(10 * 60);

/// The sweeper.
pub(crate) struct UploadSweeper {
    pub(crate) db: DatabaseConnection,
    pub(crate) files: Files,
}

/// Discards uploads that were never finished.
#[restate_sdk::object(name = "UploadSweeper", client_visibility = "pub(crate)")]
impl UploadSweeper {
    /// Starts the round, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, PERIOD, PERIOD).await?;
        Ok(Json(()))
    }

    /// Discards what has expired.
    #[handler]
    async fn sweep(&self, ctx: ObjectContext<'_>, Json(round): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, round).await? {
            return Ok(Json(()));
        }
        let now = step!(ctx, "discard expired uploads", sweep(&self.db, &self.files))?;
        ROUNDS.again(&ctx, now, PERIOD);
        Ok(Json(()))
    }
}

/// Discards uploads that nobody can complete any more and files that nothing has shown for a week, and answers with the time it did so. The sweeper does this again
/// and again.
///
/// # Errors
/// The database or the object store fails; what has been discarded stays so.
pub async fn sweep(db: &DatabaseConnection, files: &Files) -> service_kit::Result<DateTime<Utc>> {
    let now = Utc::now();
    let expired_at = now - COMPLETION_GRACE * 3;
    store::resource_release_orphans(db, now - ORPHAN_GRACE, expired_at, 1_000).await?;
    for row in store::resource_list_expired(db, now - COMPLETION_GRACE * 2, 1_000).await? {
        uploads::discard(db, files, row.id).await?;
    }
    Ok(now)
}
