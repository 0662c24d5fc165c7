//! Amounts as rows hold them: minor units in one column, the currency in another.

use kernel::{Currency, Money};
use service_kit::{Error, Result};

/// The currency of a row.
///
/// # Errors
/// The column holds something else, which its constraint and the code that writes it rule out.
pub(crate) fn currency(code: &str) -> Result<Currency> {
    code.parse().map_err(|error| Error::internal("reading the currency of a row", error))
}

/// An amount of a row, as clients see it.
///
/// # Errors
/// As for [`currency`].
pub(crate) fn shown(amount_minor: i64, code: &str) -> Result<service_kit::graphql::Money> {
    Ok(Money::new(amount_minor, currency(code)?).into())
}
