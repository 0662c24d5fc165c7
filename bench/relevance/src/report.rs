//! What was measured, for people and as JSON.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::{
    judged::Judged,
    market::Run,
    measures::{Difference, Measured, difference, mean, measure},
};

/// The measures of every way for every query.
pub(crate) struct Report {
    kinds: Vec<String>,
    ways: Vec<(String, Vec<Measured>)>,
    products: usize,
}

/// Which ways are compared: each with what it has to beat.
const COMPARED: [(&str, &str); 3] =
    [("hybrid", "text alone"), ("hybrid", "vectors alone"), ("text alone", "BM25, plain")];

impl Report {
    /// Measures rankings.
    pub(crate) fn of(judged: &Judged, runs: &[Run]) -> Self {
        let measured = |rankings: &[Vec<String>]| {
            judged.queries.iter().zip(rankings).map(|(query, ranking)| measure(query, ranking)).collect()
        };
        Self {
            kinds: judged.queries.iter().map(|query| query.kind.clone()).collect(),
            ways: runs.iter().map(|(name, rankings)| (name.clone(), measured(rankings))).collect(),
            products: judged.products.len(),
        }
    }

    /// Prints a table.
    pub(crate) fn print(&self) {
        println!("{} queries, {} products", self.kinds.len(), self.products);
        println!("{:38} {:>8} {:>10} {:>10} {:>6}", "", "nDCG@10", "condensed", "recall@50", "MRR");
        for (name, measured) in &self.ways {
            let Measured { ndcg, condensed, recall, reciprocal } = mean(measured);
            println!("{name:38} {ndcg:8.3} {condensed:10.3} {recall:10.3} {reciprocal:6.3}");
        }
        for (one, other, difference, ratio) in self.differences() {
            let Difference { mean, low, high, better } = difference;
            println!(
                "{one} over {other}, condensed: {mean:+.3} (95 % {low:+.3} to {high:+.3}), ratio {ratio:.3}, better in {:.1} % of samples",
                better * 100.0
            );
        }
        let kinds: BTreeSet<&String> = self.kinds.iter().filter(|kind| !kind.is_empty()).collect();
        if kinds.len() > 1 && self.ways.len() <= 4 {
            println!("condensed nDCG@10 by kind of query:");
            for kind in kinds {
                let of = |measured: &[Measured]| mean(&self.of_kind(kind, measured)).condensed;
                let each = self.ways.iter().map(|(name, measured)| format!("{name} {:.3}", of(measured)));
                println!("  {kind:12} {}", each.collect::<Vec<_>>().join(", "));
            }
        }
        println!();
    }

    /// Writes everything as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let shown = |measured: &[Measured]| {
            let Measured { ndcg, condensed, recall, reciprocal } = mean(measured);
            json!({"ndcg_at_10": ndcg, "condensed_ndcg_at_10": condensed, "recall_at_50": recall, "mrr": reciprocal})
        };
        let kinds: BTreeSet<&String> = self.kinds.iter().filter(|kind| !kind.is_empty()).collect();
        let ways: Vec<Value> = self
            .ways
            .iter()
            .map(|(name, measured)| {
                let by_kind: serde_json::Map<String, Value> =
                    kinds.iter().map(|kind| ((*kind).clone(), shown(&self.of_kind(kind, measured)))).collect();
                json!({"way": name, "all": shown(measured), "by_kind": by_kind})
            })
            .collect();
        let compared: Vec<Value> = self
            .differences()
            .into_iter()
            .map(|(one, other, difference, ratio)| {
                json!({
                    "way": one, "over": other, "condensed_ndcg_at_10": difference.mean,
                    "low": difference.low, "high": difference.high, "better_share": difference.better, "ratio": ratio,
                })
            })
            .collect();
        let report =
            json!({"queries": self.kinds.len(), "products": self.products, "ways": ways, "compared": compared});
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
    }

    fn of_kind(&self, kind: &str, measured: &[Measured]) -> Vec<Measured> {
        self.kinds.iter().zip(measured).filter(|(own, _)| *own == kind).map(|(_, one)| *one).collect()
    }

    fn differences(&self) -> Vec<(&'static str, &'static str, Difference, f64)> {
        let of = |name: &str| -> Option<Vec<f64>> {
            let way = self.ways.iter().find(|(known, _)| known == name)?;
            Some(way.1.iter().map(|one| one.condensed).collect())
        };
        let compared = COMPARED.into_iter().filter_map(|(one, other)| {
            let (ours, theirs) = (of(one)?, of(other)?);
            let ratio = ours.iter().sum::<f64>() / theirs.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            Some((one, other, difference(&ours, &theirs), ratio))
        });
        compared.collect()
    }
}

/// Prints the first answers of each query for which hybrid search is worse than text or vectors alone.
pub(crate) fn losses(judged: &Judged, runs: &[Run]) {
    let of = |name: &str| runs.iter().find(|(known, _)| known == name).map(|(_, rankings)| rankings);
    let (Some(hybrid), Some(text), Some(vectors)) = (of("hybrid"), of("text alone"), of("vectors alone")) else {
        return;
    };
    for (place, query) in judged.queries.iter().enumerate() {
        let of = |rankings: &[Vec<String>]| measure(query, &rankings[place]).condensed;
        let (ours, best) = (of(hybrid), of(text).max(of(vectors)));
        if ours + 0.02 < best {
            let shown = |id: &String| match query.grades.get(id) {
                Some(grade) => format!("{id}:{grade}"),
                None => id.clone(),
            };
            let first: Vec<String> = hybrid[place].iter().take(10).map(shown).collect();
            println!("{} [{}] {ours:.2} < {best:.2}: {}", query.text, query.kind, first.join(" "));
        }
    }
}
