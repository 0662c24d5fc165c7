//! The hours of a promotion: a cron expression says when a window opens, and each stays open for a while.
//!
//! Whether a window is open is computed from the moment of the question alone. So a price never depends on whether
//! anything was switched in time.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use serde::{Deserialize, Serialize};

/// The longest that one window may stay open: 31 days.
pub const MINUTES_MAX: u32 = 31 * 24 * 60;

/// A window as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowTerms {
    /// When it opens: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// The IANA time zone whose clock the expression is about, as in `Asia/Ho_Chi_Minh`.
    pub time_zone: String,
    /// How long it stays open each time.
    pub minutes: u32,
}

/// A window that can be asked whether it is open.
#[derive(Debug, Clone)]
pub struct Window {
    terms: WindowTerms,
    cron: Cron,
    time_zone: Tz,
}

/// Why terms are no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// The expression has not five fields that can be read.
    #[error("a cron expression has five fields: minute, hour, day of month, month, day of week")]
    Cron,
    /// No such moment ever comes.
    #[error("the window never opens")]
    Never,
    /// There is no such time zone.
    #[error("a time zone is named as in the IANA database, like Asia/Ho_Chi_Minh")]
    TimeZone,
    /// It is open for less than a minute or longer than [`MINUTES_MAX`].
    #[error("a window is open for 1 to {MINUTES_MAX} minutes")]
    Minutes,
}

impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

impl Eq for Window {}

impl Window {
    /// Reads terms.
    ///
    /// # Errors
    /// [`WindowError`] says which of them is wrong. Whether the window ever opens is asked by [`Self::next_opening`].
    pub fn of(terms: WindowTerms) -> Result<Self, WindowError> {
        if !(1..=MINUTES_MAX).contains(&terms.minutes) {
            return Err(WindowError::Minutes);
        }
        let time_zone = terms.time_zone.parse().map_err(|_| WindowError::TimeZone)?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&terms.cron).map_err(|_| WindowError::Cron)?;
        Ok(Self { terms, cron, time_zone })
    }

    /// What it was made of.
    pub fn terms(&self) -> &WindowTerms {
        &self.terms
    }

    /// When the window closes that is open at `at`; `None` when none is.
    pub fn open_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let opened = self.cron.find_previous_occurrence(&at.with_timezone(&self.time_zone), true).ok()?;
        let closes = opened.with_timezone(&Utc) + TimeDelta::minutes(i64::from(self.terms.minutes));
        (at < closes).then_some(closes)
    }

    /// When it opens next after `at`; `None` when it never does.
    pub fn next_opening(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&at.with_timezone(&self.time_zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(cron: &str, time_zone: &str, minutes: u32) -> Window {
        Window::of(WindowTerms { cron: cron.to_owned(), time_zone: time_zone.to_owned(), minutes }).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_is_open_from_its_first_moment_to_just_before_its_last() {
        // Friday 18:00 in Saigon is 11:00 UTC.
        let happy_hour = window("0 18 * * 5", "Asia/Ho_Chi_Minh", 120);
        assert_eq!(happy_hour.open_until(at("2026-01-02T10:59:59Z")), None);
        assert_eq!(happy_hour.open_until(at("2026-01-02T11:00:00Z")), Some(at("2026-01-02T13:00:00Z")));
        assert_eq!(happy_hour.open_until(at("2026-01-02T12:59:59Z")), Some(at("2026-01-02T13:00:00Z")));
        assert_eq!(happy_hour.open_until(at("2026-01-02T13:00:00Z")), None);
        assert_eq!(happy_hour.next_opening(at("2026-01-02T11:00:00Z")), Some(at("2026-01-09T11:00:00Z")));
    }

    #[test]
    fn the_clock_of_the_time_zone_counts_across_its_change() {
        // New York leaves daylight saving time on 1 November 2026: 09:00 is 13:00 UTC before and 14:00 UTC after.
        let morning = window("0 9 * * *", "America/New_York", 60);
        assert_eq!(morning.next_opening(at("2026-10-31T00:00:00Z")), Some(at("2026-10-31T13:00:00Z")));
        assert_eq!(morning.next_opening(at("2026-11-01T00:00:00Z")), Some(at("2026-11-01T14:00:00Z")));
    }

    #[test]
    fn a_window_may_last_over_midnight_and_over_its_own_next_opening() {
        let night = window("0 22 * * *", "UTC", 8 * 60);
        assert!(night.open_until(at("2026-01-02T03:00:00Z")).is_some());
        assert!(night.open_until(at("2026-01-02T06:00:00Z")).is_none());
        let always = window("0 * * * *", "UTC", 90);
        assert_eq!(always.open_until(at("2026-01-02T03:10:00Z")), Some(at("2026-01-02T04:30:00Z")));
    }

    #[test]
    fn what_is_no_window_is_refused() {
        let refusal = |cron: &str, time_zone: &str, minutes| {
            Window::of(WindowTerms { cron: cron.to_owned(), time_zone: time_zone.to_owned(), minutes }).unwrap_err()
        };
        assert_eq!(refusal("at noon", "UTC", 1), WindowError::Cron);
        assert_eq!(refusal("0 0 12 * * *", "UTC", 1), WindowError::Cron);
        assert_eq!(refusal("", "UTC", 1), WindowError::Cron);
        assert_eq!(refusal("0 12 * * *", "Mars/Olympus", 1), WindowError::TimeZone);
        assert_eq!(refusal("0 12 * * *", "UTC", 0), WindowError::Minutes);
        assert_eq!(refusal("0 12 * * *", "UTC", MINUTES_MAX + 1), WindowError::Minutes);
        assert_eq!(window("0 0 31 2 *", "UTC", 1).next_opening(at("2026-01-01T00:00:00Z")), None);
    }

    proptest! {
        #[test]
        fn a_window_is_open_exactly_for_its_minutes_after_each_opening(
            hour in 0_u32..24, minutes in 1_u32..1_440, second in 0_i64..40_000_000,
            zone in prop::sample::select(vec!["UTC", "Asia/Ho_Chi_Minh", "Asia/Kolkata"]),
        ) {
            let daily = window(&format!("30 {hour} * * *"), zone, minutes);
            let asked = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(second);
            let opened = daily.next_opening(asked - TimeDelta::days(1) - TimeDelta::seconds(1)).unwrap();
            let opened = if opened + TimeDelta::days(1) <= asked { opened + TimeDelta::days(1) } else { opened };
            prop_assert!(opened <= asked && asked - opened < TimeDelta::days(1));
            let open = asked - opened < TimeDelta::minutes(i64::from(minutes));
            prop_assert_eq!(daily.open_until(asked).is_some(), open);
        }
    }
}
