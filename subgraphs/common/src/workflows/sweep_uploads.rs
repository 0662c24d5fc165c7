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
use service_kit::step;

use crate::{
    files::Files,
    store,
    uploads::{self, COMPLETION_GRACE},
};

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("UploadSweeper", "begin");

const SWEEP: ObjectCall<(), ()> = ObjectCall::new("UploadSweeper", "sweep");

/// The one key there is.
pub(crate) const KEY: &str = "uploads";

/// How long a complete file may wait for something to show it.
const ORPHAN_GRACE: TimeDelta = TimeDelta::days(7);

const PERIOD: Duration = Duration::from_secs(10 * 60);

/// When the next round is due, in milliseconds since the epoch.
const NEXT_AT_MS: &str = "next_at_ms";

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
        let now = step!(ctx, "read the clock", clock())?;
        let next_at_ms: Option<i64> = ctx.get(NEXT_AT_MS).await?;
        // A round that is long overdue was killed by somebody, and begins anew.
        if next_at_ms.is_none_or(|next| next + as_ms(PERIOD) < now.timestamp_millis()) {
            again(&ctx, now);
        }
        Ok(Json(()))
    }

    /// Discards what has expired.
    #[handler]
    async fn sweep(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        let now = step!(ctx, "discard expired uploads", sweep(&self.db, &self.files))?;
        again(&ctx, now);
        Ok(Json(()))
    }
}

fn again(ctx: &ObjectContext<'_>, now: DateTime<Utc>) {
    ctx.set(NEXT_AT_MS, now.timestamp_millis() + as_ms(PERIOD));
    SWEEP.send_after(ctx, KEY, PERIOD, ());
}

async fn clock() -> service_kit::Result<DateTime<Utc>> {
    Ok(Utc::now())
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

fn as_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).expect("ten minutes fit")
}
