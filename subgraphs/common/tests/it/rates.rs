//! Exchange rates: which source counts, and what follows from it.

use chrono::{DateTime, TimeDelta, Utc};
use common::rates::{Rate, micros};
use common::store;
use serde_json::{Value, json};

use crate::desk::Desk;

fn rate(code: &str, per_euro: &str, as_of: DateTime<Utc>) -> Rate {
    Rate { currency: code.parse().unwrap(), per_euro_micros: micros(per_euro).unwrap(), as_of }
}

async fn dollar(desk: &Desk) -> Value {
    let query = "{ exchangeRate(from: \"EUR\", to: \"USD\") { rate sources } }";
    desk.ask(None, query, json!({})).await["data"]["exchangeRate"].clone()
}

#[tokio::test]
async fn a_bank_knows_better_than_the_table_and_new_better_than_old() {
    let desk = Desk::open().await;
    let now = Utc::now();
    let both = |usd: &str, at| [rate("EUR", "1", at), rate("USD", usd, at)];
    store::rates_write(&desk.db, "fixed", &both("1.10", now)).await.unwrap();
    assert_eq!(dollar(&desk).await, json!({"rate": "1.1000000000", "sources": ["fixed"]}));
    store::rates_write(&desk.db, "ecb", &both("1.20", now - TimeDelta::days(1))).await.unwrap();
    assert_eq!(dollar(&desk).await, json!({"rate": "1.2000000000", "sources": ["ecb"]}));
    store::rates_write(&desk.db, "fixed", &both("1.30", now)).await.unwrap();
    assert_eq!(dollar(&desk).await["rate"], "1.2000000000", "a table replaces nothing but itself");
}

#[tokio::test]
async fn an_amount_is_converted_exactly_and_an_unknown_currency_refused() {
    let desk = Desk::open().await;
    let platform = service_kit::Platform::connect(test_kit::TestDatabase::create().await.config()).await.unwrap();
    let sources = common::rates::sources(&platform.config, &platform.http).unwrap();
    for _ in 0..2 {
        common::refresh(&desk.db, &sources).await.unwrap();
    }
    let query = "query($amount: MoneyInput!, $to: CurrencyCode!) { convert(amount: $amount, to: $to) {
        amountMinor currency } }";
    let convert = async |minor: &str, from: &str, to: &str| {
        desk.ask(None, query, json!({"amount": {"amountMinor": minor, "currency": from}, "to": to})).await
    };
    let same = convert("12345", "VND", "VND").await;
    assert_eq!(same["data"]["convert"], json!({"amountMinor": "12345", "currency": "VND"}));
    let dong = convert("100", "EUR", "VND").await["data"]["convert"]["amountMinor"].clone();
    let back = convert(dong.as_str().unwrap(), "VND", "EUR").await;
    assert_eq!(back["data"]["convert"]["amountMinor"], "100");
    assert_eq!(
        convert("1", "EUR", "ISK").await["data"]["convert"],
        Value::Null,
        "it exists, and nobody here knows its rate"
    );
    let unknown = convert("1", "EUR", "ABC").await;
    assert!(unknown["errors"][0]["message"].as_str().unwrap().contains("ABC"), "{unknown:#}");
    let large = convert(&i64::MAX.to_string(), "EUR", "VND").await;
    assert_eq!(large["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
