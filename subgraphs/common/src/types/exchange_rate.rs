//! Exchange rates.

use async_graphql::Object;
use chrono::{DateTime, Utc};
use kernel::Currency;
use sea_orm::ConnectionTrait;
use service_kit::{Result, graphql::CurrencyCode};

use crate::{
    rates::{Rate, quotient},
    store,
};

/// What one currency is worth in another.
pub struct ExchangeRate {
    pub(crate) from: Rate,
    pub(crate) to: Rate,
    sources: Vec<String>,
}

impl ExchangeRate {
    /// What is stored of two currencies. `None` when one of them is not known.
    pub(crate) async fn between(db: &impl ConnectionTrait, from: Currency, to: Currency) -> Result<Option<Self>> {
        let rows = store::rate_list(db, &[from, to]).await?;
        let known = |currency: Currency| rows.iter().find(|row| row.currency == currency.code());
        let (Some(one), Some(two)) = (known(from), known(to)) else { return Ok(None) };
        let mut sources = vec![one.source.clone(), two.source.clone()];
        sources.sort();
        sources.dedup();
        Ok(Some(Self { from: Rate::stored(one)?, to: Rate::stored(two)?, sources }))
    }
}

/// What one currency is worth in another.
#[Object]
impl ExchangeRate {
    /// The currency that there is.
    async fn from(&self) -> CurrencyCode {
        CurrencyCode(self.from.currency)
    }

    /// The currency that is wanted.
    async fn to(&self) -> CurrencyCode {
        CurrencyCode(self.to.currency)
    }

    /// How much of `to` one unit of `from` is, as a decimal number: multiply by it, and never keep it as a float.
    async fn rate(&self) -> String {
        quotient(&self.from, &self.to)
    }

    /// The older of the two times since when it is so.
    async fn as_of(&self) -> DateTime<Utc> {
        self.from.as_of.min(self.to.as_of)
    }

    /// Who says so: `ecb` for a bank's daily rates, `fixed` for a table.
    async fn sources(&self) -> &[String] {
        &self.sources
    }
}
