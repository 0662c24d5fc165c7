//! A table of rates, for what no other source knows and for where there is no network.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use service_kit::{Config, ConfigError, Result, StartError};

use super::{Rate, RateSource, micros};

/// The table that comes with the marketplace. It is as old as it is; an operator who needs better brings another.
const BUILT_IN: &str = include_str!("fixed.csv");

/// The day of the table that comes with the marketplace, in seconds since the epoch.
const BUILT_IN_AT: i64 = 1_767_225_600;

/// The table.
pub(super) struct Fixed(Vec<Rate>);

impl Fixed {
    /// Reads the table of `EXCHANGE_RATES_FILE`, lines of `currency,per_euro` after a heading, or the one that comes with
    /// the marketplace.
    pub(super) fn read(config: &Config) -> Result<Self, StartError> {
        let invalid = |reason: &str| {
            StartError::Config(ConfigError::Invalid {
                name: "EXCHANGE_RATES_FILE".to_owned(),
                reason: reason.to_owned(),
            })
        };
        let Some(path) = config.setting("EXCHANGE_RATES_FILE") else {
            let as_of = DateTime::from_timestamp(BUILT_IN_AT, 0).expect("the literal is a time");
            return Ok(Self(parse(BUILT_IN, as_of).expect("a test reads the table that comes with the marketplace")));
        };
        let text = std::fs::read_to_string(path).map_err(|_| invalid("the file cannot be read"))?;
        let rates =
            parse(&text, Utc::now()).ok_or_else(|| invalid("a line is not a currency and a positive number"))?;
        Ok(Self(rates))
    }
}

fn parse(text: &str, as_of: DateTime<Utc>) -> Option<Vec<Rate>> {
    let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let rates = lines.map(|line| {
        let (code, per_euro) = line.split_once(',')?;
        Some(Rate { currency: code.trim().parse().ok()?, per_euro_micros: micros(per_euro)?, as_of })
    });
    rates.collect()
}

impl RateSource for Fixed {
    fn name(&self) -> &'static str {
        "fixed"
    }

    fn rates(&self) -> BoxFuture<'_, Result<Vec<Rate>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_whole_and_a_wrong_line_is_refused() {
        let rates = parse(BUILT_IN, Utc::now()).unwrap();
        assert_eq!(rates.len(), BUILT_IN.lines().count() - 1);
        assert!(parse("currency,per_euro\nXXQ,1", Utc::now()).is_none());
        assert!(parse("currency,per_euro\nUSD,0", Utc::now()).is_none());
    }
}
