//! Where a text has the words that were searched for.

use async_graphql::SimpleObject;

use super::fold::{folded, words};

/// A piece of a text. The pieces in order are the text, so that a page can mark matches without reading HTML.
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct HighlightPart {
    /// The piece, as it is in the text.
    pub text: String,
    /// Whether it matches a word of the search.
    #[graphql(name = "match")]
    pub matches: bool,
}

/// The text in pieces. A word matches when it begins like a word of the query, accents and case aside.
pub(crate) fn parts(text: &str, query: &str) -> Vec<HighlightPart> {
    let wanted = words(query);
    let mut parts: Vec<HighlightPart> = Vec::new();
    let mut push = |piece: &str, matches: bool| match parts.last_mut() {
        Some(last) if last.matches == matches => last.text.push_str(piece),
        _ => parts.push(HighlightPart { text: piece.to_owned(), matches }),
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = first.is_alphanumeric();
        // A combining accent belongs to its letter.
        let of_word = |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
        let end = rest.find(|c: char| of_word(c) != word).unwrap_or(rest.len()).max(first.len_utf8());
        let (piece, after) = rest.split_at(end);
        push(piece, word && alike(&folded(piece), &wanted));
        rest = after;
    }
    parts
}

/// The part of a long text around its first match, at most so many characters.
pub(crate) fn snippet(text: &str, query: &str, most: usize) -> Vec<HighlightPart> {
    let wanted = words(query);
    let pieces: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let first = pieces.iter().position(|piece| words(piece).iter().any(|word| alike(word, &wanted))).unwrap_or(0);
    let mut snippet = String::new();
    // A few words before the match tell what it is about.
    for piece in &pieces[first.saturating_sub(8)..] {
        if snippet.chars().count() + piece.chars().count() > most {
            break;
        }
        snippet.push_str(piece);
    }
    parts(snippet.trim(), query)
}

fn alike(word: &str, wanted: &[String]) -> bool {
    wanted.iter().any(|wanted| {
        // Forms of a word differ at its end: `shoe` marks `shoes`, and `shoes` marks `shoe`.
        word.starts_with(wanted.as_str()) || (word.chars().count() >= 3 && wanted.strip_suffix('s') == Some(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(parts: &[HighlightPart]) -> String {
        parts.iter().map(|part| if part.matches { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn words_are_marked_with_and_without_accents() {
        assert_eq!(marked(&parts("Áo thun đen", "ao den")), "[Áo] thun [đen]");
        assert_eq!(marked(&parts("Running shoes, shoe-box", "shoes")), "Running [shoes], [shoe]-box");
        assert_eq!(marked(&parts("😀 a\u{301}o", "ao")), "😀 [a\u{301}o]");
        assert_eq!(marked(&parts("nothing", "")), "nothing");
        assert!(parts("", "x").is_empty());
    }

    #[test]
    fn a_snippet_begins_near_the_first_match() {
        let text = format!("{} silent mouse with two batteries {}", "word ".repeat(50), "more ".repeat(50));
        let snippet = marked(&snippet(&text, "mouse", 80));
        assert!(snippet.contains("silent [mouse] with") && snippet.chars().count() <= 82, "{snippet}");
    }
}
