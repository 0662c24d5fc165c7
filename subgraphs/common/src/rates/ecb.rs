//! Daily reference rates in the format of the European Central Bank (`eurofxref-daily.xml`): one element
//! `<Cube currency='USD' rate='1.0823'/>` a currency, below one with the day, `<Cube time='2026-01-02'>`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures::future::BoxFuture;
use service_kit::{Error, Result};

use super::{Rate, RateSource, micros};

/// More is no list of rates.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// The bank, or who publishes in its format.
pub(super) struct Ecb {
    pub(super) http: reqwest::Client,
    pub(super) url: String,
}

impl Ecb {
    async fn ask(&self) -> Result<Vec<Rate>> {
        let away = |error: reqwest::Error| Error::internal("asking for exchange rates", error);
        let answer = self.http.get(&self.url).send().await.map_err(away)?.error_for_status().map_err(away)?;
        let text = answer.text().await.map_err(away)?;
        if text.len() > ANSWER_MAX_BYTES {
            return Err(Error::broken("an answer with exchange rates is short"));
        }
        let rates = parse(&text);
        if rates.is_empty() { Err(Error::broken("an answer with exchange rates holds some")) } else { Ok(rates) }
    }
}

impl RateSource for Ecb {
    fn name(&self) -> &'static str {
        "ecb"
    }

    fn rates(&self) -> BoxFuture<'_, Result<Vec<Rate>>> {
        Box::pin(self.ask())
    }
}

/// The rates of a document, with that of the euro, which it does not list; elements that make no sense are passed over.
fn parse(document: &str) -> Vec<Rate> {
    let day = document.split("<Cube").find_map(|element| attribute(element, "time"));
    let day = day.and_then(|day| day.parse::<NaiveDate>().ok()).map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let Some(as_of) = day else { return Vec::new() };
    let mut rates: Vec<Rate> = document.split("<Cube").filter_map(|element| rate(element, as_of)).collect();
    if let (false, Ok(euro)) = (rates.is_empty(), "EUR".parse()) {
        rates.push(Rate { currency: euro, per_euro_micros: 1_000_000, as_of });
    }
    rates
}

fn rate(element: &str, as_of: DateTime<Utc>) -> Option<Rate> {
    let currency = attribute(element, "currency")?.parse().ok()?;
    Some(Rate { currency, per_euro_micros: micros(attribute(element, "rate")?)?, as_of })
}

/// The value of an attribute of the element at the start of a text, in either kind of quotes.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let head = element.split('>').next()?;
    let (_, rest) = head.split_once(&format!(" {name}="))?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    rest[1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope><gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='2026-01-02'>
<Cube currency='USD' rate='1.0823'/><Cube currency="JPY" rate="160.55"/><Cube currency='QQQ' rate='1'/>
<Cube currency='GBP' rate='-1'/></Cube></Cube></gesmes:Envelope>"#;

    #[test]
    fn the_banks_document_is_read_and_nonsense_passed_over() {
        let rates = parse(DOCUMENT);
        let found: Vec<_> = rates.iter().map(|rate| (rate.currency.code(), rate.per_euro_micros)).collect();
        assert_eq!(found, [("USD", 1_082_300), ("JPY", 160_550_000), ("EUR", 1_000_000)]);
        assert_eq!(rates[0].as_of.to_rfc3339(), "2026-01-02T00:00:00+00:00");
        assert!(parse("<html>Service unavailable</html>").is_empty());
    }
}
