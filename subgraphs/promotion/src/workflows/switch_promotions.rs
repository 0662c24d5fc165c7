//! `PromotionClock`: switches promotions on and off when their time has come.
//!
//! | handler | does |
//! |---|---|
//! | `begin` | starts the round, unless it goes round already |
//! | `tick` | switches what is due, then sends itself for the next moment at which something is |
//!
//! It is an object with one key, so that its rounds never run at the same time. Switching twice changes nothing. No price
//! depends on it: whether a promotion applies is computed for each question. What it switches is the state by which
//! promotions are listed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::ObjectCall;
use restate_sdk::prelude::*;
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use service_kit::{
    rounds::{DueAt, Rounds},
    step,
};

use crate::store;

/// Starts the round; sent at every start of the module.
pub(crate) const BEGIN: ObjectCall<(), ()> = ObjectCall::new("PromotionClock", "begin");

const ROUNDS: Rounds = Rounds::of(ObjectCall::new("PromotionClock", "tick"));

/// The one key there is.
pub(crate) const KEY: &str = "promotions";

/// The longest that a promotion which was made or changed meanwhile waits to be noticed.
const PERIOD: Duration = Duration::from_secs(15);

/// The shortest pause.
const PAUSE: Duration = Duration::from_millis(200);

/// The clock.
pub(crate) struct PromotionClock {
    pub(crate) db: DatabaseConnection,
}

/// What a round has found.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Round {
    now: DateTime<Utc>,
    next_at: Option<DateTime<Utc>>,
}

/// Switches promotions on and off.
#[restate_sdk::object(name = "PromotionClock", client_visibility = "pub(crate)")]
impl PromotionClock {
    /// Starts the round, unless one is due.
    #[handler]
    async fn begin(&self, ctx: ObjectContext<'_>, Json(()): Json<()>) -> Result<Json<()>, HandlerError> {
        ROUNDS.begin(&ctx, PAUSE, PERIOD * 4).await?;
        Ok(Json(()))
    }

    /// Switches what is due.
    #[handler]
    async fn tick(&self, ctx: ObjectContext<'_>, Json(due): Json<DueAt>) -> Result<Json<()>, HandlerError> {
        if !ROUNDS.is_awaited(&ctx, due).await? {
            return Ok(Json(()));
        }
        let round = step!(ctx, "switch what is due", switch(&self.db))?;
        let until = round.next_at.and_then(|next| (next - round.now).to_std().ok());
        let pause = if round.next_at.is_some() { until.unwrap_or(PAUSE) } else { PERIOD };
        ROUNDS.again(&ctx, round.now, pause.clamp(PAUSE, PERIOD));
        Ok(Json(()))
    }
}

async fn switch(db: &DatabaseConnection) -> service_kit::Result<Round> {
    let now = Utc::now();
    for switched in store::states_switch(db, now).await? {
        tracing::info!(promotion_id = %switched.id, from = ?switched.from, to = ?switched.to, "a promotion was switched");
    }
    Ok(Round { now, next_at: store::next_switch_at(db).await? })
}
