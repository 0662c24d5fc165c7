//! One form for words however they are typed: no accents, no case.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text without accents and case; `Áo thun Đen` becomes `ao thun den`. It agrees with `catalog.folded` of the
/// database.
pub(crate) fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect::<String>().to_lowercase()
}

/// `đ` is a letter of its own, not an accented one.
fn plain(letter: char) -> char {
    match letter {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    }
}

/// The folded words of a text, without punctuation.
pub(crate) fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_are_folded_away() {
        assert_eq!(folded("Áo thun ĐEN cỡ lớn"), "ao thun den co lon");
        assert_eq!(folded("Ao thun den"), folded("a\u{301}o thun đen"));
        assert_eq!(words("\"Wi-Fi\" (2.4 GHz) 😀"), ["wi", "fi", "2", "4", "ghz"]);
        assert!(words("?! …").is_empty());
    }
}
