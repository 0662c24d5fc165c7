//! When a promotion is on, and when that changes next.

use chrono::{DateTime, Utc};

use super::windows::Window;

/// Whether the schedule says that it is on at `now`: it has begun, is not over, and one of its windows is open, if it has
/// any.
pub fn is_on(starts_at: DateTime<Utc>, ends_at: Option<DateTime<Utc>>, windows: &[Window], now: DateTime<Utc>) -> bool {
    starts_at <= now
        && ends_at.is_none_or(|end| now < end)
        && (windows.is_empty() || windows.iter().any(|window| window.open_until(now).is_some()))
}

/// The next moment after `now` at which the schedule may change what [`is_on`] says; `None` when it never will.
///
/// At that moment nothing need change: two windows may touch or overlap. Whoever waits for it asks again then.
pub fn next_change(
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    windows: &[Window],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if ends_at.is_some_and(|end| end <= now) {
        return None;
    }
    if now < starts_at {
        return Some(starts_at);
    }
    let openings = windows.iter().filter_map(|window| window.next_opening(now));
    let closings = windows.iter().filter_map(|window| window.open_until(now));
    openings.chain(closings).chain(ends_at).min()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::{super::windows::WindowTerms, *};

    fn window(cron: &str, minutes: u32) -> Window {
        Window::of(WindowTerms { cron: cron.to_owned(), time_zone: "Asia/Ho_Chi_Minh".to_owned(), minutes }).unwrap()
    }

    #[test]
    fn a_schedule_without_windows_changes_at_its_beginning_and_its_end() {
        let at = |hours| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let next = |now| next_change(at(1), Some(at(3)), &[], at(now));
        assert_eq!([next(0), next(1), next(2), next(3)], [Some(at(1)), Some(at(3)), Some(at(3)), None]);
        assert_eq!(next_change(at(1), None, &[], at(1)), None);
    }

    proptest! {
        /// Whoever looks at the moments that `next_change` names, and at no others, misses nothing.
        #[test]
        fn nothing_changes_between_two_changes(
            first in 0_u32..24, second in 0_u32..24, minutes in (1_u32..900, 1_u32..900),
            starts in 0_i64..3_000, lasts in prop::option::of(1_i64..10_000), now in 0_i64..10_000, ahead in 0.0_f64..1.0,
        ) {
            let at = |minute| DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute);
            let windows = [window(&format!("0 {first} * * *"), minutes.0), window(&format!("15 {second} * * 1-5"), minutes.1)];
            let (starts_at, ends_at, now) = (at(starts), lasts.map(|lasts| at(starts + lasts)), at(now));
            let until = next_change(starts_at, ends_at, &windows, now).unwrap_or(now + TimeDelta::days(30));
            prop_assert!(until > now);
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some moment in between")]
            let between = now + TimeDelta::seconds(((until - now).num_seconds() as f64 * ahead) as i64);
            prop_assume!(between < until);
            let on = |moment| is_on(starts_at, ends_at, &windows, moment);
            prop_assert_eq!(on(now), on(between));
        }
    }
}
