//! Plain BM25, as a textbook has it: the least that a search by words has to beat.
//!
//! Words are runs of letters and digits in lower case. No stemming, no folding of accents, no weights for the name, no
//! correction of what is typed wrongly: k1 = 1.2, b = 0.75 over name, category, tags, specifications and description.

use std::collections::HashMap;

use catalog::import::ImportedProduct;

use crate::{judged::Judged, market::Ranking};

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// The words of all products.
pub(crate) struct Index {
    ids: Vec<String>,
    lengths: Vec<f64>,
    average: f64,
    postings: HashMap<String, HashMap<usize, f64>>,
}

impl Index {
    /// Counts the words of products.
    pub(crate) fn of(products: &[ImportedProduct]) -> Self {
        let mut postings: HashMap<String, HashMap<usize, f64>> = HashMap::new();
        let mut lengths = Vec::with_capacity(products.len());
        for (place, product) in products.iter().enumerate() {
            let facts = product.specifications.0.iter().map(|fact| format!("{} {}", fact.name, fact.value));
            let facts: Vec<String> = facts.collect();
            let parts = [
                &product.name,
                &product.category_path.join(" "),
                &product.tags.join(" "),
                &facts.join(" "),
                &product.description,
            ];
            let words: Vec<String> = parts.iter().flat_map(|part| words(part)).collect();
            lengths.push(count(words.len()));
            for word in words {
                *postings.entry(word).or_default().entry(place).or_default() += 1.0;
            }
        }
        let average = lengths.iter().sum::<f64>() / count(lengths.len().max(1));
        Self { ids: products.iter().map(|product| product.external_id.clone()).collect(), lengths, average, postings }
    }

    /// The rankings of all queries.
    pub(crate) fn ask_all(&self, judged: &Judged) -> Vec<Ranking> {
        judged.queries.iter().map(|query| self.ask(&query.text)).collect()
    }

    fn ask(&self, query: &str) -> Ranking {
        let mut scores: HashMap<usize, f64> = HashMap::new();
        for word in words(query) {
            let Some(found) = self.postings.get(&word) else { continue };
            let (all, with) = (count(self.ids.len()), count(found.len()));
            let rarity = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for (place, often) in found {
                let length = 1.0 - B + B * self.lengths[*place] / self.average;
                *scores.entry(*place).or_default() += rarity * often * (K1 + 1.0) / (often + K1 * length);
            }
        }
        let mut ranked: Vec<(usize, f64)> = scores.into_iter().collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        ranked.into_iter().map(|(place, _)| self.ids[place].clone()).collect()
    }
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn count(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
    let count = number as f64;
    count
}
