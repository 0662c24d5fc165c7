//! Jobs that go round: a durable object that sends itself again.
//!
//! An object handles one call at a time, so rounds of one key never run at the same time. Each round knows when it was
//! due, and the object remembers which one is awaited: of two chains of rounds, which an engine that was away for long
//! can leave behind, one ends.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::ObjectCall;
use restate_sdk::prelude::*;
use serde::{Deserialize, Serialize};

use crate::step;

/// When the awaited round is due, in milliseconds since the epoch.
const NEXT_AT_MS: &str = "next_at_ms";

/// When a round was to begin, in milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DueAt(i64);

impl DueAt {
    /// Milliseconds since the epoch: a number that no other round of the object has.
    pub fn as_ms(self) -> i64 {
        self.0
    }
}

/// The rounds of an object, each of them a call of one of its handlers.
pub struct Rounds(ObjectCall<DueAt, ()>);

impl Rounds {
    /// Rounds that are calls of this handler.
    pub const fn of(handler: ObjectCall<DueAt, ()>) -> Self {
        Self(handler)
    }

    /// Begins after `pause`, unless a round is awaited already. One that is overdue by more than `overdue` was killed by
    /// somebody, and is not awaited any more.
    ///
    /// # Errors
    /// The invocation is ended or suspended by the engine.
    pub async fn begin(&self, ctx: &ObjectContext<'_>, pause: Duration, overdue: Duration) -> Result<(), HandlerError> {
        let now = step!(ctx, "read the clock", async { Ok(Utc::now()) })?;
        let awaited: Option<i64> = ctx.get(NEXT_AT_MS).await?;
        if awaited.is_none_or(|due| due.saturating_add(as_ms(overdue)) < now.timestamp_millis()) {
            self.again(ctx, now, pause);
        }
        Ok(())
    }

    /// Whether this is the round that is awaited. One that is not does nothing and has no successor.
    ///
    /// # Errors
    /// The invocation is ended or suspended by the engine.
    pub async fn is_awaited(&self, ctx: &ObjectContext<'_>, round: DueAt) -> Result<bool, HandlerError> {
        Ok(ctx.get::<i64>(NEXT_AT_MS).await? == Some(round.0))
    }

    /// Awaits the next round, `pause` after `now`.
    pub fn again(&self, ctx: &ObjectContext<'_>, now: DateTime<Utc>, pause: Duration) {
        let due = now.timestamp_millis().saturating_add(as_ms(pause));
        ctx.set(NEXT_AT_MS, due);
        self.0.send_after(ctx, ctx.key(), pause, DueAt(due));
    }
}

fn as_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
