//! Rates by weight and zone, from a table. It needs no network: quotes are computed, and a clock moves the parcels.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use contracts::common::{OptionCategory, ServiceOption};
use futures::future::BoxFuture;
use kernel::{Currency, Money};
use serde::Deserialize;
use service_kit::{Config, ConfigError, Result};

use super::{
    Booking, Cancellation, Consignment, Parcel, Quote, QuoteRefusal, Route, Tracking, TransportProvider, zone::Zone,
};

/// The id of the only option.
pub(crate) const OPTION: &str = "table-rate";

/// The table-rate carrier.
pub(crate) struct TableRate {
    tables: RateTables,
    clock: Duration,
}

/// One table for each currency.
#[derive(Debug, Clone)]
pub(crate) struct RateTables(BTreeMap<String, RateTable>);

/// The rates in one currency, in its minor units.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateTable {
    /// Weight bands, lightest first.
    pub(crate) bands: Vec<Band>,
    /// What each kilogram beyond the last band adds, begun kilograms counted as whole.
    pub(crate) extra_kilogram: Rates,
}

/// What parcels up to a weight cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    /// The weight that the band ends at, included.
    pub(crate) up_to_grams: i64,
    /// The rates of the band.
    pub(crate) rates: Rates,
}

/// One amount for each zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rates {
    /// Within a city.
    pub(crate) local: i64,
    /// Within a region.
    pub(crate) regional: i64,
    /// Across the country.
    pub(crate) national: i64,
}

impl Rates {
    fn of(self, zone: Zone) -> i64 {
        match zone {
            Zone::Local => self.local,
            Zone::Regional => self.regional,
            Zone::National => self.national,
        }
    }

    fn is_monotone_from(self, lighter: Self) -> bool {
        self.local >= lighter.local && self.regional >= lighter.regional && self.national >= lighter.national
    }
}

impl RateTable {
    /// What a parcel costs; `None` when the amount does not fit 64 bits.
    pub(crate) fn cost(&self, zone: Zone, weight_grams: i64) -> Option<i64> {
        if let Some(band) = self.bands.iter().find(|band| weight_grams <= band.up_to_grams) {
            return Some(band.rates.of(zone));
        }
        let last = self.bands.last()?;
        let kilograms = (weight_grams - last.up_to_grams - 1) / 1000 + 1;
        self.extra_kilogram.of(zone).checked_mul(kilograms)?.checked_add(last.rates.of(zone))
    }

    /// Why the table is no use, if it is none: heavier must never be cheaper.
    fn fault(&self) -> Option<&'static str> {
        let free = Rates { local: 0, regional: 0, national: 0 };
        let ascending = self
            .bands
            .windows(2)
            .all(|pair| pair[0].up_to_grams < pair[1].up_to_grams && pair[1].rates.is_monotone_from(pair[0].rates));
        match self.bands.first() {
            None => Some("a table has at least one band"),
            Some(first) if first.up_to_grams < 1 || !first.rates.is_monotone_from(free) => {
                Some("weights are positive and rates are not negative")
            }
            Some(_) if !ascending => Some("bands ascend in weight and in rates"),
            Some(_) if !self.extra_kilogram.is_monotone_from(free) => Some("rates are not negative"),
            Some(_) => None,
        }
    }
}

impl FromStr for RateTables {
    type Err = String;

    /// Reads JSON: an object with one table for each currency code.
    fn from_str(json: &str) -> Result<Self, String> {
        let tables: BTreeMap<String, RateTable> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for (code, table) in &tables {
            code.parse::<Currency>().map_err(|error| error.to_string())?;
            if let Some(fault) = table.fault() {
                return Err(format!("{code}: {fault}"));
            }
        }
        Ok(Self(tables))
    }
}

impl TableRate {
    /// Reads `TRANSPORT_RATES` (JSON, see [`RateTables`]; rates for VND and USD are built in) and
    /// `TRANSPORT_CLOCK_SECONDS`, the time between two states of a parcel (default 60).
    ///
    /// # Errors
    /// A setting is there and unusable.
    pub(crate) fn from_config(config: &Config) -> Result<Self, ConfigError> {
        let seconds: u64 = config.setting_or("TRANSPORT_CLOCK_SECONDS", 60)?;
        Ok(Self::new(config.setting_or("TRANSPORT_RATES", built_in())?, Duration::from_secs(seconds)))
    }

    /// These tables, and this time between two states of a parcel.
    pub(crate) fn new(tables: RateTables, clock: Duration) -> Self {
        Self { tables, clock }
    }

    fn cost(&self, route: &Route, parcel: &Parcel) -> Quote {
        let currency = parcel.value.currency;
        let Some(table) = self.tables.0.get(currency.code()) else { return Quote::Refused(QuoteRefusal::Currency) };
        match table.cost(Zone::of(route), parcel.weight_grams) {
            Some(amount_minor) => Quote::Cost(Money::new(amount_minor, currency)),
            None => Quote::Refused(QuoteRefusal::NotServed),
        }
    }
}

impl TransportProvider for TableRate {
    fn options(&self) -> Vec<ServiceOption> {
        vec![ServiceOption {
            id: OPTION.to_owned(),
            category: OptionCategory::Transport,
            provider: "table-rate".to_owned(),
            name: "Standard delivery".to_owned(),
            description: "A fixed price by weight and distance.".to_owned(),
            position: 10,
        }]
    }

    fn quote<'a>(&'a self, _: &'a str, route: &'a Route, parcel: &'a Parcel) -> BoxFuture<'a, Result<Quote>> {
        Box::pin(async move { Ok(self.cost(route, parcel)) })
    }

    fn ship<'a>(&'a self, _: &'a str, consignment: &'a Consignment) -> BoxFuture<'a, Result<Booking>> {
        Box::pin(async move {
            let code = consignment.reference.simple().to_string();
            let tracking_code = format!("TR-{}", code[16..].to_uppercase());
            Ok(Booking::Booked { tracking_code, tracking: Tracking::Clock(self.clock) })
        })
    }

    /// There is nobody to tell: the clock stops by itself at an order that is cancelled.
    fn cancel<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Cancellation>> {
        Box::pin(async { Ok(Cancellation::Cancelled) })
    }

    /// A parcel that a clock moves needs none.
    fn label<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(None) })
    }
}

/// The rates that hold where nobody has configured any.
pub(crate) fn built_in() -> RateTables {
    let band =
        |up_to_grams, local, regional, national| Band { up_to_grams, rates: Rates { local, regional, national } };
    let dong = RateTable {
        bands: vec![
            band(500, 16_000, 22_000, 30_000),
            band(1_000, 18_000, 26_000, 35_000),
            band(2_000, 22_000, 32_000, 45_000),
            band(5_000, 32_000, 50_000, 75_000),
        ],
        extra_kilogram: Rates { local: 3_000, regional: 6_000, national: 10_000 },
    };
    let dollar = RateTable {
        bands: vec![
            band(500, 300, 450, 600),
            band(1_000, 400, 600, 800),
            band(2_000, 550, 800, 1_100),
            band(5_000, 900, 1_300, 1_900),
        ],
        extra_kilogram: Rates { local: 80, regional: 150, national: 250 },
    };
    RateTables(BTreeMap::from([("VND".to_owned(), dong), ("USD".to_owned(), dollar)]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [Zone; 3] = [Zone::Local, Zone::Regional, Zone::National];

    #[test]
    fn a_band_includes_its_end_and_begun_kilograms_count_whole() {
        let table = &built_in().0["VND"];
        assert_eq!(table.cost(Zone::Local, 500), Some(16_000));
        assert_eq!(table.cost(Zone::Local, 501), Some(18_000));
        assert_eq!(table.cost(Zone::Local, 5_000), Some(32_000));
        assert_eq!(table.cost(Zone::Local, 5_001), Some(35_000));
        assert_eq!(table.cost(Zone::Local, 6_000), Some(35_000));
        assert_eq!(table.cost(Zone::Local, 6_001), Some(38_000));
    }

    #[test]
    fn a_table_in_which_heavier_is_cheaper_is_refused() {
        let json = r#"{"VND": {"bands": [
            {"up_to_grams": 500, "rates": {"local": 2, "regional": 2, "national": 2}},
            {"up_to_grams": 900, "rates": {"local": 1, "regional": 2, "national": 2}}],
            "extra_kilogram": {"local": 1, "regional": 1, "national": 1}}}"#;
        assert_eq!(json.parse::<RateTables>().unwrap_err(), "VND: bands ascend in weight and in rates");
        assert!("{\"ABC\": {}}".parse::<RateTables>().is_err());
    }

    proptest! {
        #[test]
        fn heavier_is_never_cheaper(light in 0_i64..200_000, more in 0_i64..200_000, zone in 0_usize..3) {
            for table in built_in().0.values() {
                prop_assert!(table.fault().is_none());
                prop_assert!(table.cost(ZONES[zone], light + more) >= table.cost(ZONES[zone], light));
            }
        }

        #[test]
        fn farther_is_never_cheaper(weight in 0_i64..200_000) {
            for table in built_in().0.values() {
                let costs = ZONES.map(|zone| table.cost(zone, weight));
                prop_assert!(costs.is_sorted());
            }
        }

        #[test]
        fn no_weight_overflows(weight in any::<i64>(), zone in 0_usize..3) {
            for table in built_in().0.values() {
                let _any = table.cost(ZONES[zone], weight);
            }
        }
    }
}
