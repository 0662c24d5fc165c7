//! Prices as files write them.

use kernel::Currency;

/// The minor units of an amount in major units: `1,299.50` USD is 129950.
///
/// # Errors
/// The rule that the text breaks.
pub(crate) fn minor(text: &str, currency: Currency) -> Result<i64, String> {
    let plain = text.trim().replace([',', ' ', '_'], "");
    let (sign, plain) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.as_str()),
    };
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return Err(format!("`{}` is not a number in digits", clipped(text)));
    }
    let decimals = usize::from(currency.exponent());
    let part = part.trim_end_matches('0');
    if part.len() > decimals {
        return Err(format!("{currency} has {decimals} decimals"));
    }
    let number = format!("{whole}{part:0<decimals$}");
    let minor: i64 = number.parse().map_err(|_| "it is too large".to_owned())?;
    Ok(sign * minor)
}

/// A text short enough to be quoted.
pub(crate) fn clipped(text: &str) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_the_minor_unit_of_their_currency() {
        for (text, currency, expected) in [
            ("19.99", Currency::USD, 1999),
            ("19.9", Currency::USD, 1990),
            ("19", Currency::USD, 1900),
            ("1,299.500", Currency::USD, 129_950),
            (".5", Currency::USD, 50),
            ("250000", Currency::VND, 250_000),
            ("250000.00", Currency::VND, 250_000),
            ("-3", Currency::USD, -300),
        ] {
            assert_eq!(minor(text, currency), Ok(expected), "{text}");
        }
        for text in ["", "-", ".", "abc", "1.2.3", "1e5", "٣", "99999999999999999999"] {
            assert!(minor(text, Currency::USD).is_err(), "{text}");
        }
        assert_eq!(minor("1.005", Currency::USD), Err("USD has 2 decimals".to_owned()));
        assert!(minor("1.5", Currency::VND).is_err());
    }
}
