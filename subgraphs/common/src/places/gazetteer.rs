//! A small list of cities, for where there is no network. It knows no streets: an address is as good as its city.

use std::sync::LazyLock;

use futures::future::BoxFuture;
use service_kit::Result;

use super::{Geocoder, Spot};

/// Lines of names (separated by bars, the one to show first), country, latitude, longitude; larger cities first.
const TABLE: &str = include_str!("gazetteer.csv");

/// How far from a city one still counts as there, in kilometres.
const NEAR_KM: f64 = 60.0;

/// The list.
pub(super) struct Gazetteer;

struct City {
    /// Folded, each with a space before and after.
    names: Vec<String>,
    spot: Spot,
}

static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| {
    let cities = TABLE.lines().skip(1).map(|line| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("every line of the table has four cells; a test reads them all");
        let (names, country) = (cell(), cell());
        let [latitude, longitude] = [cell(), cell()].map(|cell| cell.parse().expect("the table holds degrees"));
        let shown = names.split('|').next().unwrap_or_default();
        let spot = Spot { name: format!("{shown}, {country}"), latitude, longitude };
        City { names: names.split('|').map(|name| format!(" {} ", fold(name))).collect(), spot }
    });
    cities.collect()
});

impl Geocoder for Gazetteer {
    fn search<'a>(&'a self, text: &'a str, most: usize) -> BoxFuture<'a, Result<Vec<Spot>>> {
        Box::pin(async move { Ok(search(text, most)) })
    }

    fn reverse(&self, latitude: f64, longitude: f64) -> BoxFuture<'_, Result<Option<Spot>>> {
        Box::pin(async move { Ok(nearest(latitude, longitude)) })
    }
}

/// Cities that the text names, the one named last first, since addresses go from small to large; without any, cities that
/// begin with the text.
fn search(text: &str, most: usize) -> Vec<Spot> {
    let text = format!(" {} ", fold(text));
    let mut named: Vec<(usize, usize, &City)> = CITIES
        .iter()
        .filter_map(|city| {
            let places = city.names.iter().filter_map(|name| Some((text.rfind(name.as_str())?, name.len())));
            places.max().map(|(at, length)| (at, length, city))
        })
        .collect();
    named.sort_by_key(|(at, length, _)| std::cmp::Reverse((*at, *length)));
    let begun = text.trim_end();
    let begins = |city: &&City| begun.len() > 2 && city.names.iter().any(|name| name.starts_with(begun));
    let spots = named.iter().map(|(_, _, city)| *city);
    let found: Vec<&City> = if named.is_empty() { CITIES.iter().filter(begins).collect() } else { spots.collect() };
    found.into_iter().take(most).map(|city| city.spot.clone()).collect()
}

fn nearest(latitude: f64, longitude: f64) -> Option<Spot> {
    let cities = CITIES.iter().map(|city| (distance_km(&city.spot, latitude, longitude), city));
    let (distance, city) = cities.min_by(|one, two| one.0.total_cmp(&two.0))?;
    (distance <= NEAR_KM).then(|| city.spot.clone())
}

/// The distance on a sphere, by the haversine formula.
fn distance_km(spot: &Spot, latitude: f64, longitude: f64) -> f64 {
    const EARTH_KM: f64 = 6371.0;
    let (one, two) = (spot.latitude.to_radians(), latitude.to_radians());
    let (north, east) = ((two - one) / 2.0, (longitude - spot.longitude).to_radians() / 2.0);
    let part = north.sin().powi(2) + one.cos() * two.cos() * east.sin().powi(2);
    2.0 * EARTH_KM * part.sqrt().asin()
}

/// Lower case, without accents, words separated by one space.
fn fold(text: &str) -> String {
    let folded: String = text.to_lowercase().chars().map(plain).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A letter without its accents, as people type it who have none on their keyboard.
fn plain(letter: char) -> char {
    const FAMILIES: [(char, &str); 9] = [
        ('a', "àáảãạăằắẳẵặâầấẩẫậäåā"),
        ('e', "èéẻẽẹêềếểễệëē"),
        ('i', "ìíỉĩịïīî"),
        ('o', "òóỏõọôồốổỗộơờớởỡợöōø"),
        ('u', "ùúủũụưừứửữựüūû"),
        ('y', "ỳýỷỹỵÿ"),
        ('d', "đ"),
        ('c', "ç"),
        ('n', "ñ"),
    ];
    FAMILIES.iter().find(|(_, family)| family.contains(letter)).map_or(letter, |(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_city_on_earth() {
        assert_eq!(CITIES.len(), TABLE.lines().count() - 1);
        let on_earth = |spot: &Spot| spot.latitude.abs() <= 90.0 && spot.longitude.abs() <= 180.0;
        assert!(CITIES.iter().all(|city| on_earth(&city.spot)));
    }

    #[test]
    fn an_address_is_found_by_its_city_however_it_is_written() {
        for address in ["12 Hàng Bạc, Hoàn Kiếm, Hà Nội", "12 Hang Bac, HA NOI", "12 hang bac hanoi"] {
            let found = search(address, 1);
            assert_eq!(found[0].name, "Hà Nội, Vietnam", "{address}");
            let back = nearest(found[0].latitude + 0.1, found[0].longitude).unwrap();
            assert_eq!(back.name, found[0].name);
        }
        let street_of_another_city = search("5 Đường Huế, Đà Nẵng", 5);
        assert_eq!(street_of_another_city[0].name, "Đà Nẵng, Vietnam", "the city comes last");
        assert_eq!(search("sai gon", 1)[0].name, "Hồ Chí Minh, Vietnam");
        assert!(search("nowhere at all", 5).is_empty());
        assert!(nearest(0.0, -150.0).is_none(), "the middle of the ocean");
    }

    #[test]
    fn a_place_is_suggested_while_it_is_typed() {
        let names: Vec<String> = search("Hải", 5).into_iter().map(|spot| spot.name).collect();
        assert!(names.contains(&"Hải Phòng, Vietnam".to_owned()), "{names:?}");
        assert!(search("h", 5).is_empty(), "one letter suggests nothing");
    }
}
