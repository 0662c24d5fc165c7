//! Exchange rates: where they come from and what follows from them. They show prices in the viewer's currency and never
//! decide what is paid.

mod ecb;
mod fixed;

use chrono::{DateTime, Utc};
use entities::common::exchange_rate;
use futures::future::BoxFuture;
use kernel::{Currency, Money, MoneyError};
use service_kit::{Config, Error, Result, StartError};

use self::{ecb::Ecb, fixed::Fixed};

/// What one currency is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// The currency.
    pub currency: Currency,
    /// Millionths of it for one euro.
    pub per_euro_micros: i64,
    /// Since when.
    pub as_of: DateTime<Utc>,
}

impl Rate {
    /// What is stored of a currency.
    ///
    /// # Errors
    /// It is no currency.
    pub(crate) fn stored(row: &exchange_rate::Model) -> Result<Self> {
        let currency = row.currency.parse().map_err(|_| Error::broken("stored rates are of known currencies"))?;
        Ok(Self { currency, per_euro_micros: row.per_euro_micros, as_of: row.as_of })
    }
}

/// Somebody who knows rates.
pub trait RateSource: Send + Sync + 'static {
    /// Its name, as it stands beside the rates.
    fn name(&self) -> &'static str;

    /// All rates that it knows now.
    ///
    /// # Errors
    /// It is away, or does not make sense.
    fn rates(&self) -> BoxFuture<'_, Result<Vec<Rate>>>;
}

/// The sources of this installation: a later one knows better than an earlier one.
///
/// # Errors
/// The table cannot be read.
pub fn sources(config: &Config, http: &reqwest::Client) -> Result<Vec<Box<dyn RateSource>>, StartError> {
    let mut sources: Vec<Box<dyn RateSource>> = vec![Box::new(Fixed::read(config)?)];
    if let Some(url) = config.setting("EXCHANGE_RATES_URL") {
        sources.push(Box::new(Ecb { http: http.clone(), url: url.to_owned() }));
    }
    Ok(sources)
}

/// Millionths of a decimal number, as in `1.0823`; what lies beyond six decimals is cut off. `None` when it is no
/// positive number.
pub fn micros(text: &str) -> Option<i64> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<6}")[..6].parse().ok()?;
    let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part)?;
    (micros > 0).then_some(micros)
}

/// An amount in another currency, rounded half-up to its minor unit.
///
/// # Errors
/// The result does not fit 64 bits.
pub fn convert(amount: Money, from: &Rate, to: &Rate) -> Result<Money, MoneyError> {
    let scale = |currency: Currency| 10_i128.pow(u32::from(currency.exponent()));
    let over = i128::from(amount.amount_minor) * scale(to.currency) * i128::from(to.per_euro_micros);
    let under = scale(from.currency) * i128::from(from.per_euro_micros);
    let rounded = (2 * over + under).div_euclid(2 * under);
    let amount_minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
    Ok(Money::new(amount_minor, to.currency))
}

/// How much of one currency one unit of another is, as a decimal number with ten digits after the point.
pub fn quotient(from: &Rate, to: &Rate) -> String {
    const ONE: i128 = 10_000_000_000;
    let scaled = i128::from(to.per_euro_micros) * ONE / i128::from(from.per_euro_micros);
    format!("{}.{:010}", scaled / ONE, scaled % ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(code: &str, per_euro: &str) -> Rate {
        Rate { currency: code.parse().unwrap(), per_euro_micros: micros(per_euro).unwrap(), as_of: Utc::now() }
    }

    #[test]
    fn amounts_keep_their_worth_across_decimals() {
        let (usd, vnd, jpy) = (rate("USD", "1.25"), rate("VND", "30000"), rate("JPY", "160.5"));
        let converted = |minor, from: &Rate, to: &Rate| convert(Money::new(minor, from.currency), from, to).unwrap();
        assert_eq!(converted(150, &usd, &vnd).amount_minor, 36_000, "1.50 USD");
        assert_eq!(converted(36_000, &vnd, &usd).amount_minor, 150);
        assert_eq!(converted(1, &jpy, &usd).amount_minor, 1, "0.78 cents are rounded up");
        assert_eq!(converted(-150, &usd, &vnd).amount_minor, -36_000);
        assert_eq!(convert(Money::new(i64::MAX, usd.currency), &usd, &vnd), Err(MoneyError::Overflow));
        assert_eq!(quotient(&usd, &vnd), "24000.0000000000");
    }

    #[test]
    fn a_rate_is_a_positive_decimal_number() {
        assert_eq!(micros("1.0823"), Some(1_082_300));
        assert_eq!(micros("30500"), Some(30_500_000_000));
        assert_eq!(micros("0.12345678"), Some(123_456));
        for wrong in ["", "-1", "0", "1,5", "1e3", "abc", ".5", "99999999999999999999"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
    }
}
