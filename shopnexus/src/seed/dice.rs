//! Chance that always falls the same way.

use std::ops::RangeInclusive;

use chrono::{DateTime, Duration, TimeZone, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

/// The number that everything follows from.
const SEED: u64 = 0x5ea0e7;

/// Draws names, numbers and ids; every run draws the same.
pub(super) struct Dice {
    rng: StdRng,
}

impl Dice {
    /// Dice at the beginning of their sequence.
    pub(super) fn new() -> Self {
        Self { rng: StdRng::seed_from_u64(SEED) }
    }

    /// One of the things.
    pub(super) fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.rng.random_range(0..things.len())]
    }

    /// A number of the range.
    pub(super) fn number(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.rng.random_range(range)
    }

    /// Whether something happens that happens so many times of a hundred.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.number(1..=100) <= percent
    }

    /// A UUIDv7 of the given time.
    pub(super) fn id<Id: From<Uuid>>(&mut self, at: DateTime<Utc>) -> Id {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        Id::from(Builder::from_unix_timestamp_millis(millis, &self.rng.random()).into_uuid())
    }

    /// A time within some minutes after another.
    pub(super) fn later(&mut self, after: DateTime<Utc>, minutes: RangeInclusive<i64>) -> DateTime<Utc> {
        let minutes = self.number(minutes);
        after + Duration::minutes(minutes) + Duration::seconds(self.number(0..=59))
    }

    /// As many different ones of the things as there are, at most `count`, in no order.
    pub(super) fn some<'a, T>(&mut self, things: &'a [T], count: usize) -> Vec<&'a T> {
        let amount = count.min(things.len());
        rand::seq::index::sample(&mut self.rng, things.len(), amount).iter().map(|index| &things[index]).collect()
    }
}

/// The day of the demo marketplace's life, counted from its first.
pub(super) fn day(days: i64) -> DateTime<Utc> {
    let first = Utc.with_ymd_and_hms(2025, 9, 1, 2, 0, 0).single().expect("the literal is a time");
    first + Duration::days(days)
}
