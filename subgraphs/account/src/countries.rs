//! Countries: the currency of their prices and the calling code of their telephones.

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::Currency;

/// What the marketplace knows of a country.
#[derive(Debug, Clone)]
pub(crate) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(crate) code: &'static str,
    /// The currency that prices are in.
    pub(crate) currency: Currency,
    /// Without the plus; `None` where nobody lives.
    pub(crate) calling_code: Option<&'static str>,
    /// What a national number begins with inside the country and not from abroad; may be empty.
    pub(crate) trunk_prefix: &'static str,
}

/// One line for each country: code, currency, calling code, trunk prefix.
const TABLE: &str = include_str!("countries.csv");

static COUNTRIES: LazyLock<BTreeMap<&'static str, Country>> = LazyLock::new(|| {
    let rows = TABLE.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("every line of the table has four cells");
        let code = cell();
        let currency = cell().parse().expect("the table holds currencies of ISO 4217; a test reads every line");
        let calling_code = Some(cell()).filter(|code| !code.is_empty());
        (code, Country { code, currency, calling_code, trunk_prefix: cell() })
    });
    rows.collect()
});

/// Every country, by code.
pub(crate) fn all() -> impl Iterator<Item = &'static Country> {
    COUNTRIES.values()
}

/// The country of a code of ISO 3166-1 alpha-2, in either case.
pub(crate) fn find(code: &str) -> Option<&'static Country> {
    COUNTRIES.get(code.trim().to_ascii_uppercase().as_str())
}

/// Whether some country has a calling code that the digits begin with.
pub(crate) fn has_calling_code(digits: &str) -> bool {
    all().filter_map(|country| country.calling_code).any(|code| digits.starts_with(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_country_with_a_currency() {
        assert_eq!(all().count(), TABLE.lines().count() - 1);
        assert_eq!(find("vn").map(|country| country.currency), Some(Currency::VND));
        assert!(all().all(|country| country.code.len() == 2));
    }
}
