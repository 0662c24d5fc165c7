//! How far a parcel goes, as far as its addresses tell.

use contracts::account::Contact;
use serde::{Deserialize, Serialize};

use super::Route;

/// A distance that rates know, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Zone {
    /// Within a city: at most 30 km, or the same province.
    Local,
    /// Within a region: at most 300 km.
    Regional,
    /// Farther, or unknown.
    National,
}

impl Zone {
    /// The zone of a route: by coordinates when both ends have them, by the province at the end of the addresses
    /// otherwise.
    pub(crate) fn of(route: &Route) -> Self {
        let Some(from) = &route.from else { return Self::National };
        match (coordinates(from), coordinates(&route.to)) {
            (Some(from), Some(to)) => match distance_km(from, to) {
                near if near <= 30.0 => Self::Local,
                middling if middling <= 300.0 => Self::Regional,
                _ => Self::National,
            },
            _ if province(&from.address).is_some() && province(&from.address) == province(&route.to.address) => {
                Self::Local
            }
            _ => Self::National,
        }
    }
}

fn coordinates(contact: &Contact) -> Option<(f64, f64)> {
    Some((contact.latitude?, contact.longitude?))
}

/// Great-circle distance by the haversine formula; the earth's mean radius is 6371 km.
fn distance_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let chord = half(from.0, to.0) + from.0.to_radians().cos() * to.0.to_radians().cos() * half(from.1, to.1);
    2.0 * 6371.0 * chord.sqrt().min(1.0).asin()
}

/// The parts of an address from its end: province, district, ward. The country is left out.
pub(crate) fn address_parts(address: &str) -> Vec<&str> {
    let is_country = |part: &str| ["vietnam", "viet nam", "việt nam", "vn"].contains(&part.to_lowercase().as_str());
    address.split(',').map(str::trim).filter(|part| !part.is_empty() && !is_country(part)).rev().collect()
}

fn province(address: &str) -> Option<String> {
    let parts = address_parts(address);
    // One part alone is a street or a place, and says nothing of a province.
    (parts.len() > 1).then(|| parts[0].to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(address: &str, position: Option<(f64, f64)>) -> Contact {
        Contact {
            contact_id: None,
            full_name: "A".to_owned(),
            phone: "+84901234567".to_owned(),
            address: address.to_owned(),
            latitude: position.map(|position| position.0),
            longitude: position.map(|position| position.1),
        }
    }

    fn zone(from: Contact, to: Contact) -> Zone {
        Zone::of(&Route { from: Some(from), to })
    }

    #[test]
    fn coordinates_decide_when_both_are_known() {
        let saigon = contact("", Some((10.7769, 106.7009)));
        let thu_duc = contact("", Some((10.8494, 106.7537)));
        let can_tho = contact("", Some((10.0452, 105.7469)));
        let hanoi = contact("", Some((21.0278, 105.8342)));
        assert_eq!(zone(saigon.clone(), thu_duc), Zone::Local);
        assert_eq!(zone(saigon.clone(), can_tho), Zone::Regional);
        assert_eq!(zone(saigon, hanoi), Zone::National);
    }

    #[test]
    fn the_province_decides_otherwise() {
        let here = contact("1 Lê Lợi, Quận 1, TP. Hồ Chí Minh, Việt Nam", None);
        let near = contact("2 Võ Văn Ngân, Thủ Đức, TP. hồ chí minh", Some((10.8494, 106.7537)));
        let far = contact("3 Tràng Tiền, Hoàn Kiếm, Hà Nội", None);
        assert_eq!(zone(here.clone(), near), Zone::Local);
        assert_eq!(zone(here.clone(), far), Zone::National);
        assert_eq!(zone(here, contact("somewhere", None)), Zone::National);
    }
}
