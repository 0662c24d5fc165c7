//! One score of words and meaning, with popularity as a prior.
//!
//! Each is brought to 0–1 by a fixed curve, and they are added with fixed weights. A product has the same score whatever
//! else is found, and a word that only it has counts by how rare it is: a rank, as reciprocal rank fusion takes it,
//! forgets by how much the first is better than the second. `docs/decisions/0007` says why curves, and `docs/decisions/0012`
//! how these numbers were chosen.

use super::index::Hit;

/// BM25 at which words count for half.
const HALF: f32 = 12.0;

/// Likeness that counts for nothing, and likeness that counts for all.
const MEANING: (f32, f32) = (0.15, 0.75);

/// What words weigh beside meaning.
const WORDS: f32 = 0.5;

/// What a step of popularity adds: enough to put one of two that fit alike before the other, too little to put what fits
/// less before what fits.
const POPULAR_STEP: f32 = 0.01;

/// The score of a hit in millionths.
pub(super) fn score_micros(hit: &Hit) -> i64 {
    let words = hit.words / (hit.words + HALF);
    let fit = match hit.meaning {
        None => words,
        Some(meaning) => {
            let meaning = ((meaning - MEANING.0) / (MEANING.1 - MEANING.0)).clamp(0.0, 1.0);
            WORDS * words + (1.0 - WORDS) * meaning
        }
    };
    let steps = f32::from(u8::try_from(hit.popularity.clamp(0, 3)).expect("it lies between 0 and 3"));
    let score = fit + POPULAR_STEP * steps;
    #[expect(clippy::cast_possible_truncation, reason = "a score hardly above 1")]
    let micros = (score * 1_000_000.0) as i64;
    micros
}

#[cfg(test)]
mod tests {
    use kernel::ProductId;

    use super::*;

    fn score(words: f32, meaning: f32) -> i64 {
        popular_score(words, meaning, 0)
    }

    fn popular_score(words: f32, meaning: f32, popularity: i64) -> i64 {
        let hit = Hit {
            id: ProductId::new(),
            currency: String::new(),
            price_minor: 0,
            rating_score: 0,
            created_micros: 0,
            popularity,
            words,
            meaning: Some(meaning),
        };
        score_micros(&hit)
    }

    #[test]
    fn more_of_either_never_lowers_the_score() {
        assert!(score(8.0, 0.5) > score(4.0, 0.5));
        assert!(score(8.0, 0.6) > score(8.0, 0.5));
        assert!(score(0.0, 0.0) == 0 && score(1_000.0, 1.0) <= 1_000_000);
    }

    #[test]
    fn a_rare_word_outweighs_a_likeness_in_general() {
        assert!(score(12.0, 0.5) > score(2.0, 0.7));
    }

    #[test]
    fn popularity_decides_between_equals_and_not_against_a_better_fit() {
        assert!(popular_score(8.0, 0.5, 3) > popular_score(8.0, 0.5, 1));
        assert!(popular_score(8.0, 0.5, 3) < popular_score(8.0, 0.6, 0));
    }
}
