//! `Retention`: lets every module delete what is older than its configuration keeps it.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the round, unless it goes round already |
//! | `purge` | asks one module after the other, then sends itself again after a while |
//!
//! It is an object with one key, so that its rounds never run at the same time. What goes is said by the modules
//! (`keeper.rs`), how old it may become by `RETENTION_…_DAYS`.

use std::time::Duration;

use chrono::Utc;
use contracts::{ObjectCall, keeping::KEEPERS};
use restate_sdk::prelude::*;
use service_kit::{
    rounds::{DueAt, Rounds},
    step,
};

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("Retention", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("Retention", "purge"));

/// The one key there is.
pub(crate) const KEY: &str = "rows";

/// The job.
pub(crate) struct Retention {
    /// The pause between two rounds.
    pub(crate) period: Duration,
}

/// Lets modules delete what is old.
#[restate_sdk::object(name = "Retention", client_visibility = "pub(crate)")]
impl Retention {
    /// Starts the round, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, self.period, self.period).await?;
        Ok(Json(()))
    }

    /// Asks every module.
    #[handler]
    async fn purge(&self, ctx: ObjectContext<'_>, Json(round): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, round).await? {
            return Ok(Json(()));
        }
        for keeper in &KEEPERS {
            keeper.purge.call(&ctx, ()).await?;
        }
        let now = step!(ctx, "read the clock", async { Ok(Utc::now()) })?;
        ROUNDS.again(&ctx, now, self.period);
        Ok(Json(()))
    }
}
