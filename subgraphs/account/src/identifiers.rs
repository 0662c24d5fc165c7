//! What an account is known by: an email address, a phone number, a username. Each has one written form, so that one
//! person's address is not another's with a different letter case or spacing.

use crate::countries::{self, Country};

/// What somebody typed to log in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Identifier {
    /// In lower case.
    Email(String),
    /// In E.164 form.
    Phone(String),
    /// In lower case.
    Username(String),
}

impl Identifier {
    /// Tells the three apart: an email address holds an `@`, a phone number begins with a digit or a plus, and a
    /// username with a letter. `country` is where a national phone number belongs. `None` when it can be none of them.
    pub(crate) fn read(text: &str, country: &Country) -> Option<Self> {
        let text = text.trim();
        if text.contains('@') {
            email(text).ok().map(Self::Email)
        } else if text.starts_with(|first: char| first == '+' || first == '(' || first.is_ascii_digit()) {
            phone(text, country).ok().map(Self::Phone)
        } else {
            username(text).ok().map(|name| Self::Username(name.to_ascii_lowercase()))
        }
    }
}

/// A username as its owner writes it: 3 to 30 letters, digits, dots and underscores, a letter first.
pub(crate) fn username(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let decent = (3..=30).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    if decent {
        Ok(text.to_owned())
    } else {
        Err("A username has 3 to 30 letters, digits, dots or underscores, and begins with a letter.")
    }
}

/// An email address in lower case. Whether it receives mail is for a message to prove, so this refuses only what
/// cannot.
pub(crate) fn email(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_lowercase();
    let decent = text.len() <= 254
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && !local.contains('@')
                && !local.contains(|c: char| c.is_whitespace() || c.is_control())
                && domain.contains('.')
                && domain.split('.').all(|label| {
                    !label.is_empty()
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                })
        });
    if decent { Ok(text) } else { Err("This is not an email address.") }
}

/// A phone number in the form of E.164, as in `+84901234567`; a national number is taken to be of `country`.
pub(crate) fn phone(text: &str, country: &Country) -> Result<String, &'static str> {
    const REFUSED: &str = "This is not a phone number; write it with the calling code, as in +84901234567.";
    let compact: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = if let Some(digits) = compact.strip_prefix('+').or_else(|| compact.strip_prefix("00")) {
        digits.to_owned()
    } else {
        let national = compact.strip_prefix(country.trunk_prefix).unwrap_or(&compact);
        format!("{}{national}", country.calling_code.ok_or(REFUSED)?)
    };
    let decent = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && countries::has_calling_code(&digits);
    if decent { Ok(format!("+{digits}")) } else { Err(REFUSED) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vietnam() -> &'static Country {
        countries::find("VN").unwrap()
    }

    #[test]
    fn one_phone_number_has_one_form() {
        for written in ["+84 90 123-4567", "0084 901234567", "090 123 4567", "(090) 123.4567", "901234567"] {
            assert_eq!(phone(written, vietnam()).unwrap(), "+84901234567", "{written}");
        }
        for refused in ["", "+", "12", "+0901234567", "+84 90 CALL ME", "+849012345678901234", "+999 1234567"] {
            assert!(phone(refused, vietnam()).is_err(), "{refused}");
        }
    }

    #[test]
    fn the_three_kinds_of_identifier_are_told_apart() {
        let read = |text| Identifier::read(text, vietnam());
        assert_eq!(read(" An.Nguyen@Example.COM "), Some(Identifier::Email("an.nguyen@example.com".to_owned())));
        assert_eq!(read("0901234567"), Some(Identifier::Phone("+84901234567".to_owned())));
        assert_eq!(read("An_Nguyen"), Some(Identifier::Username("an_nguyen".to_owned())));
        assert_eq!(read("an nguyen"), None);
    }

    #[test]
    fn what_cannot_be_an_email_address_is_refused() {
        for refused in ["", "a", "a@", "@b.c", "a@b", "a@b..c", "a b@c.d", "a@-b.c", "a@b@c.d", "a@b.c\n.d"] {
            assert!(email(refused).is_err(), "{refused}");
        }
        assert!(email("a+tag@b-c.example").is_ok());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused_and_reads_the_same_again(text in ".{0,40}") {
            if let Ok(first) = phone(&text, vietnam()) {
                prop_assert_eq!(phone(&first, vietnam()), Ok(first));
            }
            if let Ok(first) = email(&text) {
                prop_assert_eq!(email(&first), Ok(first));
            }
        }
    }
}
