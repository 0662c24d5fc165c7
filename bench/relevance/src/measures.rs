//! nDCG, recall and reciprocal rank, and how sure a difference of two ways is.

use crate::judged::Query;

/// How good one ranking is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    /// nDCG@10; what was not judged counts as no answer.
    pub(crate) ndcg: f64,
    /// nDCG@10 of the ranking without what was not judged: the measure that is fair to ways that judges never saw.
    pub(crate) condensed: f64,
    /// Which share of the answers is among the first fifty.
    pub(crate) recall: f64,
    /// One divided by the rank of the first answer.
    pub(crate) reciprocal: f64,
}

const DEPTH: usize = 10;
const RECALL_DEPTH: usize = 50;

/// Measures a ranking by the judgements of its query.
pub(crate) fn measure(query: &Query, ranking: &[String]) -> Measured {
    let grade = |id: &String| query.grades.get(id).copied();
    let all: Vec<u32> = ranking.iter().map(|id| grade(id).unwrap_or(0)).collect();
    let judged: Vec<u32> = ranking.iter().filter_map(grade).collect();
    let mut best: Vec<u32> = query.grades.values().copied().collect();
    best.sort_unstable_by(|one, other| other.cmp(one));
    let ideal = gain(&best);
    let answers = best.iter().filter(|grade| **grade > 0).count();
    let found = all.iter().take(RECALL_DEPTH).filter(|grade| **grade > 0).count();
    let first = all.iter().position(|grade| *grade > 0);
    Measured {
        ndcg: ratio(gain(&all), ideal),
        condensed: ratio(gain(&judged), ideal),
        recall: ratio(real(found), real(answers)),
        reciprocal: first.map_or(0.0, |place| 1.0 / real(place + 1)),
    }
}

/// The discounted gain of the first ten: 2^grade − 1, divided by the binary logarithm of the rank plus one.
fn gain(grades: &[u32]) -> f64 {
    let each = grades.iter().take(DEPTH).enumerate();
    each.map(|(place, grade)| (2_f64.powi(i32::try_from(*grade).unwrap_or(0)) - 1.0) / real(place + 2).log2()).sum()
}

/// The mean of each measure.
pub(crate) fn mean(measured: &[Measured]) -> Measured {
    let of = |part: fn(&Measured) -> f64| ratio(measured.iter().map(part).sum(), real(measured.len()));
    Measured {
        ndcg: of(|one| one.ndcg),
        condensed: of(|one| one.condensed),
        recall: of(|one| one.recall),
        reciprocal: of(|one| one.reciprocal),
    }
}

/// By how much one way is better than another, query by query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// The mean difference.
    pub(crate) mean: f64,
    /// 95 of 100 samples of the queries have a mean difference above this,
    pub(crate) low: f64,
    /// and below this.
    pub(crate) high: f64,
    /// In which share of the samples the one is better.
    pub(crate) better: f64,
}

const SAMPLES: usize = 10_000;

/// Draws the queries again and again, each time as many as there are, and sees how the mean difference moves.
pub(crate) fn difference(one: &[f64], other: &[f64]) -> Difference {
    let each: Vec<f64> = one.iter().zip(other).map(|(one, other)| one - other).collect();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut means: Vec<f64> = (0..SAMPLES)
        .map(|_| ratio((0..each.len()).map(|_| each[dice.below(each.len())]).sum(), real(each.len())))
        .collect();
    means.sort_by(f64::total_cmp);
    Difference {
        mean: ratio(each.iter().sum(), real(each.len())),
        low: means[SAMPLES * 25 / 1000],
        high: means[SAMPLES * 975 / 1000],
        better: ratio(real(means.iter().filter(|mean| **mean > 0.0).count()), real(SAMPLES)),
    }
}

/// The same numbers every time, by xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % end.max(1)
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn real(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ranks and counts are far below 2^52")]
    let real = number as f64;
    real
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::Part;

    fn query(grades: &[(&str, u32)]) -> Query {
        let grades = grades.iter().map(|(id, grade)| ((*id).to_owned(), *grade)).collect();
        Query { text: String::new(), kind: String::new(), part: Part::Tune, grades }
    }

    fn ranking(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn the_ideal_ranking_is_one_and_an_empty_one_zero() {
        let query = query(&[("a", 3), ("b", 1), ("c", 0)]);
        let best = measure(&query, &ranking(&["a", "b", "c"]));
        assert!((best.ndcg - 1.0).abs() < 1e-9 && (best.condensed - 1.0).abs() < 1e-9);
        assert!((best.recall - 1.0).abs() < 1e-9 && (best.reciprocal - 1.0).abs() < 1e-9);
        assert!(measure(&query, &[]).ndcg.abs() < 1e-9);
    }

    #[test]
    fn what_was_not_judged_lowers_the_plain_measure_only() {
        let query = query(&[("a", 2), ("b", 1)]);
        let measured = measure(&query, &ranking(&["x", "a", "y", "b"]));
        assert!((measured.condensed - 1.0).abs() < 1e-9);
        let plain = (3.0 / 3_f64.log2() + 1.0 / 5_f64.log2()) / (3.0 + 1.0 / 3_f64.log2());
        assert!((measured.ndcg - plain).abs() < 1e-9 && (measured.reciprocal - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_difference_in_every_query_is_sure() {
        let sure = difference(&[0.9, 0.8, 0.7], &[0.5, 0.6, 0.6]);
        assert!(sure.low > 0.0 && (sure.better - 1.0).abs() < 1e-9);
        let none = difference(&[0.5, 0.9], &[0.9, 0.5]);
        assert!(none.low < 0.0 && none.high > 0.0);
    }
}
