//! Other ways of making one ranking of words and meaning, to choose by measuring.

use std::collections::HashMap;

use catalog::search::Weighed;

use crate::{
    judged::Judged,
    market::{Market, Ranking, Run},
};

type Hits = Vec<(String, Weighed)>;

/// Every way with its settings.
pub(crate) async fn compare(market: &Market, judged: &Judged) -> Result<Vec<Run>, String> {
    let hits = market.weigh_all(judged).await?;
    let mut runs: Vec<Run> = Vec::new();
    let mut add = |name: String, way: &dyn Fn(&Hits) -> HashMap<String, f64>| {
        runs.push((name, hits.iter().map(|hits| ranked(way(hits))).collect()));
    };
    add("words only".to_owned(), &|hits| each(hits, |hit| f64::from(hit.words)));
    add("meaning only".to_owned(), &|hits| each(hits, |hit| f64::from(hit.meaning.unwrap_or(-1.0))));
    for k in [10.0, 60.0] {
        for words in [0.3, 0.5, 0.7] {
            add(format!("reciprocal rank, k {k}, words {words}"), &|hits| reciprocal(hits, k, words));
        }
    }
    for words in [0.2, 0.3, 0.4, 0.5, 0.6, 0.7] {
        add(format!("share of the best, words {words}"), &|hits| shares(hits, words));
    }
    for half in [3.0, 6.0, 12.0, 24.0] {
        for words in [0.3, 0.4, 0.5, 0.6, 0.7] {
            add(format!("curves, half {half}, words {words}"), &|hits| curves(hits, half, words));
        }
    }
    Ok(runs)
}

/// Fixed curves: BM25 by where it counts for half, likeness stretched from 0.15–0.75 to 0–1.
fn curves(hits: &Hits, half: f64, share: f64) -> HashMap<String, f64> {
    each(hits, |hit| {
        let words = f64::from(hit.words) / (f64::from(hit.words) + half);
        let meaning = ((f64::from(hit.meaning.unwrap_or(0.0)) - 0.15) / 0.6).clamp(0.0, 1.0);
        share * words + (1.0 - share) * meaning
    })
}

/// Each as a share of the best of this query.
fn shares(hits: &Hits, share: f64) -> HashMap<String, f64> {
    let best = |of: fn(&Weighed) -> f64| hits.iter().map(|(_, hit)| of(hit)).fold(1e-9, f64::max);
    let words = best(|hit| f64::from(hit.words));
    let meaning = best(|hit| f64::from(hit.meaning.unwrap_or(0.0)));
    each(hits, |hit| {
        share * f64::from(hit.words) / words + (1.0 - share) * f64::from(hit.meaning.unwrap_or(0.0)).max(0.0) / meaning
    })
}

/// Only ranks count.
fn reciprocal(hits: &Hits, k: f64, share: f64) -> HashMap<String, f64> {
    let mut scores = HashMap::new();
    let mut add = |of: fn(&Weighed) -> f64, weight: f64| {
        let ranking = ranked(each(hits, of).into_iter().filter(|(_, score)| *score > 0.0).collect());
        for (id, rank) in ranking.into_iter().zip(1_u32..) {
            *scores.entry(id).or_default() += weight / (k + f64::from(rank));
        }
    };
    add(|hit| f64::from(hit.words), share);
    add(|hit| f64::from(hit.meaning.unwrap_or(0.0)), 1.0 - share);
    scores
}

fn each(hits: &Hits, score: impl Fn(&Weighed) -> f64) -> HashMap<String, f64> {
    hits.iter().map(|(id, hit)| (id.clone(), score(hit))).collect()
}

fn ranked(scores: HashMap<String, f64>) -> Ranking {
    let mut ranked: Vec<(String, f64)> = scores.into_iter().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    ranked.into_iter().map(|(id, _)| id).collect()
}
