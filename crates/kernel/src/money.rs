//! Money: `i64` minor units and an ISO 4217 currency. Never a float.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount in minor units (cents, đồng) of one currency.
///
/// Arithmetic is checked: two currencies never mix and an overflow is an error, not a wrong amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: USD 1.50 is 150, VND 1,500 is 1500.
    pub amount_minor: i64,
    /// The currency of the amount.
    pub currency: Currency,
}

/// Why two amounts do not combine.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// The two amounts have different currencies.
    #[error("{left} and {right} do not mix")]
    CurrencyMismatch {
        /// The currency on the left-hand side.
        left: Currency,
        /// The currency on the right-hand side.
        right: Currency,
    },
}

impl Money {
    /// An amount of `amount_minor` minor units.
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference of two amounts of one currency; it may be negative.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The amount taken `quantity` times.
    ///
    /// # Errors
    /// Overflow.
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let amount_minor = self.amount_minor.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// The share of `percent`, rounded half-up to the minor unit.
    ///
    /// # Errors
    /// Overflow.
    pub fn share(self, percent: Percent) -> Result<Self, MoneyError> {
        let scaled = i128::from(self.amount_minor) * i128::from(percent.basis_points());
        let rounded = (scaled + 5_000).div_euclid(10_000);
        let amount_minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }

    /// The sum of many amounts; zero of `currency` when there are none.
    ///
    /// # Errors
    /// Another currency, or overflow.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        let amount_minor = op(self.amount_minor, other.amount_minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount_minor, ..self })
    }
}

impl fmt::Display for Money {
    /// The amount in major units with the currency's own number of decimals, then its code: `12.50 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.currency.exponent());
        let unit = 10_u64.pow(u32::from(self.currency.exponent()));
        let (whole, part) = (self.amount_minor.unsigned_abs() / unit, self.amount_minor.unsigned_abs() % unit);
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        if decimals == 0 {
            write!(f, "{sign}{whole} {}", self.currency)
        } else {
            write!(f, "{sign}{whole}.{part:0decimals$} {}", self.currency)
        }
    }
}

/// A currency of [ISO 4217](https://www.iso.org/iso-4217-currency-codes.html), written by its three-letter code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Vietnamese đồng, which has no minor unit.
    pub const VND: Self = Self(iso_currency::Currency::VND);
    /// United States dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// The three-letter code.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the minor unit has: 2 for USD, 0 for VND.
    pub fn exponent(self) -> u8 {
        self.0.exponent().and_then(|exponent| u8::try_from(exponent).ok()).unwrap_or(0)
    }
}

/// The text is not the code of a currency.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an ISO 4217 currency code")]
pub struct UnknownCurrency(String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| UnknownCurrency(code.escape_debug().to_string()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// A percentage between 0 and 100, exact to a hundredth (a basis point).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Percent(u32);

/// The percentage lies outside 0–100 %.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a percentage lies between 0 and 10000 basis points, not {0}")]
pub struct PercentError(u32);

impl Percent {
    /// A percentage given in basis points: 1250 is 12.5 %.
    ///
    /// # Errors
    /// More than 10 000 basis points.
    pub fn from_basis_points(basis_points: u32) -> Result<Self, PercentError> {
        if basis_points > 10_000 { Err(PercentError(basis_points)) } else { Ok(Self(basis_points)) }
    }

    /// The percentage in basis points.
    pub fn basis_points(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Percent {
    type Error = PercentError;

    fn try_from(basis_points: u32) -> Result<Self, Self::Error> {
        Self::from_basis_points(basis_points)
    }
}

impl From<Percent> for u32 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_written_with_the_decimals_of_their_currency() {
        assert_eq!(Money::new(-1250, Currency::USD).to_string(), "-12.50 USD");
        assert_eq!(Money::new(1250, Currency::VND).to_string(), "1250 VND");
    }

    #[test]
    fn two_currencies_do_not_mix() {
        let mixed = Money::new(1, Currency::USD).plus(Money::new(1, Currency::VND));
        assert_eq!(mixed, Err(MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::VND }));
    }

    #[test]
    fn halves_round_up() {
        let half = Percent::from_basis_points(5_000).unwrap();
        assert_eq!(Money::new(3, Currency::USD).share(half), Ok(Money::new(2, Currency::USD)));
        assert_eq!(Money::new(1, Currency::USD).share(half), Ok(Money::new(1, Currency::USD)));
    }

    proptest! {
        #[test]
        fn a_share_is_never_more_than_the_whole(amount in 0_i64.., basis_points in 0_u32..=10_000) {
            let percent = Percent::from_basis_points(basis_points).unwrap();
            let share = Money::new(amount, Currency::VND).share(percent).unwrap();
            prop_assert!((0..=amount).contains(&share.amount_minor));
        }

        #[test]
        fn overflow_is_an_error_and_never_wraps(amount in any::<i64>(), quantity in any::<i64>()) {
            let exact = i128::from(amount) * i128::from(quantity);
            match Money::new(amount, Currency::USD).times(quantity) {
                Ok(product) => prop_assert_eq!(i128::from(product.amount_minor), exact),
                Err(error) => {
                    prop_assert_eq!(error, MoneyError::Overflow);
                    prop_assert!(i64::try_from(exact).is_err());
                }
            }
        }
    }
}
