//! Words that were typed almost rightly.

use super::fold::words;

/// The word of the texts that was meant by `typed`: the nearest one, at most one slip away for a short word and two for a
/// longer one. `None` when there is none, or when the word itself is among them.
pub(crate) fn nearest(typed: &str, texts: &[String]) -> Option<String> {
    let most = if typed.chars().count() <= 5 { 1 } else { 2 };
    let all = texts.iter().flat_map(|text| words(text)).map(|word| (slips(typed, &word), word));
    let (distance, word) = all.filter(|(distance, _)| *distance <= most).min()?;
    (distance > 0).then_some(word)
}

/// How many letters have to be added, left out, replaced, or swapped with their neighbour, to make one word of the other.
fn slips(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_meant() {
        let names = ["coffee grinder".to_owned(), "wireless mouse".to_owned()];
        assert_eq!(nearest("coffe", &names).as_deref(), Some("coffee"));
        assert_eq!(nearest("grindr", &names).as_deref(), Some("grinder"));
        assert_eq!(nearest("wierless", &names).as_deref(), Some("wireless"));
        assert_eq!(nearest("mouse", &names), None);
        assert_eq!(nearest("horse", &names), None);
    }
}
