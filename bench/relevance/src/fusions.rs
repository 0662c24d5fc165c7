//! Other ways of making one ranking of words and meaning, to choose by measuring: how the two are added up, how near a
//! product must be to match by meaning alone, and what popularity may count besides.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    judged::Judged,
    market::{Market, Ranking, Run, Weight, Weights},
};

/// How near a product must be in meaning to match without a word in common.
#[derive(Clone, Copy)]
enum Bound {
    /// So near.
    Near(f64),
    /// The nearest product must be as near as the first number; then all match that have this share of its likeness,
    /// and at least the last number.
    Share(f64, f64, f64),
}

/// The bound and the curves that search has.
const CHOSEN: (Bound, f64, f64) = (Bound::Near(0.3), 12.0, 0.5);

/// Words of no language, by which nothing is meant.
const MEANINGLESS: [&str; 16] = [
    "xqzvbn",
    "qwrtzx",
    "zzzzqqq",
    "vbnmxz lkjhg",
    "blorptang",
    "frimbulous",
    "qxjkvw 77",
    "asdfghjkl",
    "hjkl",
    "wqpoiu",
    "kzzt brrm",
    "plugh xyzzy",
    "mxyzptlk",
    "fnord",
    "tlhingan",
    "ghjkqwe zxcv",
];

/// Every way with its settings.
pub(crate) async fn compare(market: &Market, judged: &Judged) -> Result<Vec<Run>, String> {
    let all = market.weigh_all(judged).await?;
    let mut runs: Vec<Run> = Vec::new();
    let mut add = |name: String, bound: Bound, way: &dyn Fn(&Weights) -> HashMap<String, f64>| {
        runs.push((name, all.iter().map(|weights| ranked(way(&within(weights, bound)))).collect()));
    };
    let (bound, half, share) = CHOSEN;
    add("words only".to_owned(), bound, &|hits| each(hits, |hit| hit.words));
    add("meaning only".to_owned(), bound, &|hits| each(hits, |hit| hit.meaning));
    for k in [10.0, 60.0] {
        for words in [0.3, 0.5, 0.7] {
            add(format!("reciprocal rank, k {k}, words {words}"), bound, &|hits| reciprocal(hits, k, words));
        }
    }
    for words in [0.2, 0.3, 0.4, 0.5, 0.6, 0.7] {
        add(format!("share of the best, words {words}"), bound, &|hits| shares(hits, words));
    }
    for half in [3.0, 6.0, 12.0, 24.0] {
        for words in [0.3, 0.4, 0.5, 0.6, 0.7] {
            add(format!("curves, half {half}, words {words}"), bound, &|hits| curves(hits, half, words));
        }
    }
    for near in [0.4, 0.35, 0.3, 0.25, 0.2, 0.15, -1.0] {
        for words in [0.3, 0.4, share] {
            add(format!("as near as {near}, words {words}"), Bound::Near(near), &|hits| curves(hits, half, words));
        }
    }
    for gate in [0.35, 0.3, 0.25] {
        for of_best in [0.7, 0.6, 0.5, 0.4, 0.3] {
            let bound = Bound::Share(gate, of_best, 0.15);
            add(format!("from {gate} on, {of_best} of the nearest"), bound, &|hits| curves(hits, half, share));
        }
    }
    for weight in [0.01, 0.02, 0.03, 0.05, 0.1] {
        for draw in 1..=3 {
            let way = |hits: &Weights| popular(curves(hits, half, share), weight, draw);
            add(format!("popularity {weight}, lot {draw}"), bound, &way);
        }
    }
    Ok(runs)
}

/// How near the nearest product is to each query, and to what means nothing: a bound has to lie between the two.
pub(crate) async fn nearest(market: &Market, judged: &Judged) -> Result<(), String> {
    let mut meant = Vec::new();
    for query in &judged.queries {
        meant.push((best(market, &query.text).await?, query.text.as_str()));
    }
    let mut meaningless = Vec::new();
    for text in MEANINGLESS {
        meaningless.push((best(market, text).await?, text));
    }
    for (what, mut found) in [("queries", meant), ("what means nothing", meaningless)] {
        found.sort_by(|one, other| one.0.total_cmp(&other.0));
        let shown = |found: &[(f32, &str)]| {
            let each: Vec<String> = found.iter().map(|(likeness, text)| format!("{likeness:.2} {text}")).collect();
            each.join(", ")
        };
        println!("the nearest product, {what}: {} … {}", shown(&found[..8]), shown(&found[found.len() - 8..]));
    }
    Ok(())
}

async fn best(market: &Market, text: &str) -> Result<f32, String> {
    Ok(market.likenesses(text).await?.first().map_or(0.0, |(_, likeness)| *likeness))
}

/// Those that match: by a word, or by being near enough.
fn within(weights: &Weights, bound: Bound) -> Weights {
    let best = weights.iter().map(|(_, hit)| hit.meaning).fold(-1.0, f64::max);
    let least = match bound {
        Bound::Near(near) => near,
        Bound::Share(gate, ..) if best < gate => f64::MAX,
        Bound::Share(_, share, least) => (best * share).max(least),
    };
    weights.iter().filter(|(_, hit)| hit.words > 0.0 || hit.meaning >= least).cloned().collect()
}

/// Fixed curves: BM25 by where it counts for half, likeness stretched from 0.15–0.75 to 0–1.
fn curves(hits: &Weights, half: f64, share: f64) -> HashMap<String, f64> {
    each(hits, |hit| {
        let words = hit.words / (hit.words + half);
        let meaning = ((hit.meaning - 0.15) / 0.6).clamp(0.0, 1.0);
        share * words + (1.0 - share) * meaning
    })
}

/// The same with popularity that has nothing to do with the query, as a lot gives it: a few are very popular, most are
/// not. What this takes away is the worst that a prior may do; what it gives where popularity tells something no judged
/// set of ours can say.
fn popular(mut scores: HashMap<String, f64>, weight: f64, lot: u64) -> HashMap<String, f64> {
    for (id, score) in &mut scores {
        let mut hasher = DefaultHasher::new();
        (lot, id).hash(&mut hasher);
        let steps = match hasher.finish() % 100 {
            0..4 => 3.0,
            4..20 => 2.0,
            20..60 => 1.0,
            _ => 0.0,
        };
        *score += weight * steps / 3.0;
    }
    scores
}

/// Each as a share of the best of this query.
fn shares(hits: &Weights, share: f64) -> HashMap<String, f64> {
    let best = |of: fn(&Weight) -> f64| hits.iter().map(|(_, hit)| of(hit)).fold(1e-9, f64::max);
    let (words, meaning) = (best(|hit| hit.words), best(|hit| hit.meaning));
    each(hits, |hit| share * hit.words / words + (1.0 - share) * hit.meaning.max(0.0) / meaning)
}

/// Only ranks count.
fn reciprocal(hits: &Weights, k: f64, share: f64) -> HashMap<String, f64> {
    let mut scores = HashMap::new();
    let mut add = |of: fn(&Weight) -> f64, weight: f64| {
        let ranking = ranked(each(hits, of).into_iter().filter(|(_, score)| *score > 0.0).collect());
        for (id, rank) in ranking.into_iter().zip(1_u32..) {
            *scores.entry(id).or_default() += weight / (k + f64::from(rank));
        }
    };
    add(|hit| hit.words, share);
    add(|hit| hit.meaning, 1.0 - share);
    scores
}

fn each(hits: &Weights, score: impl Fn(&Weight) -> f64) -> HashMap<String, f64> {
    hits.iter().map(|(id, hit)| (id.clone(), score(hit))).collect()
}

fn ranked(scores: HashMap<String, f64>) -> Ranking {
    let mut ranked: Vec<(String, f64)> = scores.into_iter().collect();
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    ranked.into_iter().map(|(id, _)| id).collect()
}
