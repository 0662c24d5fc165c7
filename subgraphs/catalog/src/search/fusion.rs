//! One score of two: words and meaning.
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

/// The score of a hit in millionths.
pub(super) fn score_micros(hit: &Hit) -> i64 {
    let words = hit.words / (hit.words + HALF);
    let score = match hit.meaning {
        None => words,
        Some(meaning) => {
            let meaning = ((meaning - MEANING.0) / (MEANING.1 - MEANING.0)).clamp(0.0, 1.0);
            WORDS * words + (1.0 - WORDS) * meaning
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "a score between 0 and 1")]
    let micros = (score * 1_000_000.0) as i64;
    micros
}

#[cfg(test)]
mod tests {
    use kernel::ProductId;

    use super::*;

    fn score(words: f32, meaning: f32) -> i64 {
        let hit = Hit {
            id: ProductId::new(),
            currency: String::new(),
            price_minor: 0,
            rating_score: 0,
            created_micros: 0,
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
}
