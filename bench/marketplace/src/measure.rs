//! Latencies and how they are told.

use std::{fmt, time::Duration};

/// How long each of many operations took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies {
    sorted: Vec<Duration>,
}

impl Latencies {
    /// Takes what was measured, in any order.
    pub(crate) fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self { sorted: all }
    }

    /// How many operations there were.
    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The latency that `percent` of the operations did not exceed (nearest rank), zero when there were none.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| self.percentile(percent).as_secs_f64() * 1e3);
        write!(f, "p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms ({} samples)", self.count())
    }
}

/// Prints one line of a report.
pub(crate) fn tell(name: &str, value: impl fmt::Display) {
    println!("{name:<44} {value}");
}

/// Operations a second.
pub(crate) fn rate(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let all = Latencies::of((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!([50, 95, 99, 100].map(|percent| all.percentile(percent).as_millis()), [50, 95, 99, 100]);
        assert_eq!(Latencies::default().percentile(50), Duration::ZERO);
    }
}
