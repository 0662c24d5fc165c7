//! GHTK's messages and what they mean here.

use entities::order::ShipmentStatus;
use kernel::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::super::{Cancellation, Consignment, HandIn, Parcel, Quote, QuoteRefusal, Route, zone::address_parts};

/// The query of `GET /services/shipment/fee`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeeQuery {
    pub(crate) pick_province: String,
    pub(crate) pick_district: String,
    pub(crate) province: String,
    pub(crate) district: String,
    pub(crate) address: String,
    /// Grams.
    pub(crate) weight: i64,
    /// Đồng.
    pub(crate) value: i64,
    pub(crate) transport: &'static str,
    pub(crate) deliver_option: &'static str,
}

/// The answer to a fee query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct FeeAnswer {
    pub(crate) success: bool,
    pub(crate) fee: Option<Fee>,
}

/// A fee in đồng, and whether the route is served at all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Fee {
    pub(crate) fee: i64,
    #[serde(default)]
    pub(crate) insurance_fee: i64,
    pub(crate) delivery: bool,
}

/// The body of `POST /services/shipment/order`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OrderRequest {
    pub(crate) products: Vec<OrderedProduct>,
    pub(crate) order: OrderedParcel,
}

/// What is in the parcel. The contents are the buyer's business, so it is one line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OrderedProduct {
    pub(crate) name: &'static str,
    /// Kilograms.
    pub(crate) weight: f64,
    pub(crate) quantity: u32,
}

/// The parcel and its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OrderedParcel {
    pub(crate) id: String,
    pub(crate) pick_name: String,
    pub(crate) pick_address: String,
    pub(crate) pick_province: String,
    pub(crate) pick_district: String,
    pub(crate) pick_tel: String,
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) province: String,
    pub(crate) district: String,
    pub(crate) hamlet: &'static str,
    pub(crate) tel: String,
    /// `1`: the sender pays the fee.
    pub(crate) is_freeship: &'static str,
    /// Đồng to collect at the door.
    pub(crate) pick_money: i64,
    /// Đồng.
    pub(crate) value: i64,
    pub(crate) transport: &'static str,
    pub(crate) deliver_option: &'static str,
    /// `cod`: GHTK fetches the parcel; `post`: the sender brings it.
    pub(crate) pick_option: &'static str,
}

/// The answer to an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct OrderAnswer {
    pub(crate) success: bool,
    pub(crate) order: Option<Labelled>,
    pub(crate) error: Option<OrderError>,
}

/// An order that GHTK has taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Labelled {
    pub(crate) label: String,
}

/// Why GHTK has not taken an order; with `ORDER_ID_EXIST` it had taken it before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct OrderError {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) ghtk_label: Option<String>,
}

/// The answer to a cancellation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct CancelAnswer {
    pub(crate) success: bool,
}

/// A status report, as its form fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct StatusReport {
    pub(crate) label_id: String,
    pub(crate) partner_id: String,
    pub(crate) status_id: i32,
}

/// A label, if this is one: GHTK answers with a PDF, and in JSON when it has none.
pub(crate) fn read_label(body: &[u8]) -> Option<&[u8]> {
    body.starts_with(b"%PDF").then_some(body)
}

/// Asks what a parcel costs.
///
/// # Errors
/// Why it cannot be asked.
pub(crate) fn fee_query(option_id: &str, route: &Route, parcel: &Parcel) -> Result<FeeQuery, QuoteRefusal> {
    let from = route.from.as_ref().ok_or(QuoteRefusal::NoPickupAddress)?;
    let (pick_province, pick_district, _) = place(&from.address)?;
    let (province, district, address) = place(&route.to.address)?;
    let (transport, deliver_option) = tier(option_id).ok_or(QuoteRefusal::UnknownOption)?;
    Ok(FeeQuery {
        pick_province,
        pick_district,
        province,
        district,
        address,
        weight: parcel.weight_grams,
        value: parcel.value.amount_minor,
        transport,
        deliver_option,
    })
}

/// What a fee answer says.
pub(crate) fn read_fee(answer: &FeeAnswer) -> Quote {
    let fee = answer.fee.as_ref().filter(|fee| answer.success && fee.delivery && fee.fee >= 0);
    match fee.and_then(|fee| fee.fee.checked_add(fee.insurance_fee)) {
        Some(total) => Quote::Cost(Money::new(total, Currency::VND)),
        None => Quote::Refused(QuoteRefusal::NotServed),
    }
}

/// Hands a parcel over.
///
/// # Errors
/// Why it cannot be handed over.
pub(crate) fn order_request(option_id: &str, consignment: &Consignment) -> Result<OrderRequest, QuoteRefusal> {
    let Consignment { reference, route, parcel, collect, hand_in } = consignment;
    let from = route.from.as_ref().ok_or(QuoteRefusal::NoPickupAddress)?;
    let (pick_province, pick_district, pick_address) = place(&from.address)?;
    let (province, district, address) = place(&route.to.address)?;
    let (transport, deliver_option) = tier(option_id).ok_or(QuoteRefusal::UnknownOption)?;
    let grams = i32::try_from(parcel.weight_grams).map_err(|_| QuoteRefusal::NotServed)?;
    Ok(OrderRequest {
        products: vec![OrderedProduct { name: "Goods", weight: f64::from(grams) / 1000.0, quantity: 1 }],
        order: OrderedParcel {
            id: reference.to_string(),
            pick_name: from.full_name.clone(),
            pick_address,
            pick_province,
            pick_district,
            pick_tel: from.phone.clone(),
            name: route.to.full_name.clone(),
            address,
            province,
            district,
            hamlet: "Khác",
            tel: route.to.phone.clone(),
            is_freeship: "1",
            pick_money: collect.amount_minor,
            value: parcel.value.amount_minor,
            transport,
            deliver_option,
            pick_option: match hand_in {
                HandIn::Fetched => "cod",
                HandIn::Brought => "post",
            },
        },
    })
}

/// The label of an order that GHTK has taken, now or before.
pub(crate) fn read_order(answer: &OrderAnswer) -> Option<String> {
    match (&answer.order, &answer.error) {
        (Some(order), _) if answer.success => Some(order.label.clone()),
        (_, Some(error)) if error.code == "ORDER_ID_EXIST" => error.ghtk_label.clone(),
        _ => None,
    }
}

/// What a cancellation answer says. GHTK agrees again to what it has cancelled before.
pub(crate) fn read_cancel(answer: &CancelAnswer) -> Cancellation {
    if answer.success { Cancellation::Cancelled } else { Cancellation::Refused }
}

/// What a status of GHTK's means here; `None` for those that change nothing.
pub(crate) fn read_status(status_id: i32) -> Option<ShipmentStatus> {
    match status_id {
        3 | 123 => Some(ShipmentStatus::PickedUp),
        4 | 10 => Some(ShipmentStatus::InTransit),
        5 | 6 | 45 => Some(ShipmentStatus::Delivered),
        -1 | 7 | 9 | 13 | 49 | 127 => Some(ShipmentStatus::Failed),
        11 | 21 => Some(ShipmentStatus::Returned),
        _ => None,
    }
}

/// Province, district and the rest of an address on one line.
fn place(address: &str) -> Result<(String, String, String), QuoteRefusal> {
    let parts = address_parts(address);
    let [province, district, rest @ ..] = parts.as_slice() else { return Err(QuoteRefusal::Address) };
    if rest.is_empty() {
        return Err(QuoteRefusal::Address);
    }
    let street: Vec<&str> = rest.iter().rev().copied().collect();
    Ok(((*province).to_owned(), (*district).to_owned(), street.join(", ")))
}

/// The means of transport and the delivery option of a tier.
fn tier(option_id: &str) -> Option<(&'static str, &'static str)> {
    match option_id {
        "ghtk-express" => Some(("road", "xteam")),
        "ghtk-standard" => Some(("fly", "none")),
        "ghtk-economy" => Some(("road", "none")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contracts::account::Contact;
    use uuid::Uuid;

    use super::*;

    fn contact(address: &str) -> Contact {
        Contact {
            contact_id: None,
            full_name: "Nguyễn An".to_owned(),
            phone: "+84911222333".to_owned(),
            address: address.to_owned(),
            latitude: None,
            longitude: None,
        }
    }

    fn consignment() -> Consignment {
        Consignment {
            reference: Uuid::nil(),
            route: Route {
                from: Some(contact("590 CMT8, Phường 11, Quận 3, TP. Hồ Chí Minh, Việt Nam")),
                to: contact("12 Tràng Tiền, Hoàn Kiếm, Hà Nội"),
            },
            parcel: Parcel { weight_grams: 1_250, value: Money::new(300_000, Currency::VND) },
            collect: Money::new(345_000, Currency::VND),
            hand_in: HandIn::Fetched,
        }
    }

    #[test]
    fn a_fee_is_asked_by_province_and_district() {
        let Consignment { route, parcel, .. } = consignment();
        let query = fee_query("ghtk-standard", &route, &parcel).unwrap();
        insta::assert_json_snapshot!(query, @r#"
        {
          "pick_province": "TP. Hồ Chí Minh",
          "pick_district": "Quận 3",
          "province": "Hà Nội",
          "district": "Hoàn Kiếm",
          "address": "12 Tràng Tiền",
          "weight": 1250,
          "value": 300000,
          "transport": "fly",
          "deliver_option": "none"
        }
        "#);
    }

    #[test]
    fn an_address_without_district_is_refused() {
        let mut route = consignment().route;
        route.to.address = "Hà Nội".to_owned();
        assert_eq!(fee_query("ghtk-economy", &route, &consignment().parcel), Err(QuoteRefusal::Address));
        route.from = None;
        assert_eq!(fee_query("ghtk-economy", &route, &consignment().parcel), Err(QuoteRefusal::NoPickupAddress));
    }

    #[test]
    fn a_fee_counts_its_insurance_and_only_where_it_is_delivered() {
        let answer = |json: &str| read_fee(&serde_json::from_str(json).unwrap());
        let served = r#"{"success": true, "message": "", "fee": {"name": "area1", "fee": 30400, "insurance_fee": 1500, "delivery": true}}"#;
        assert_eq!(answer(served), Quote::Cost(Money::new(31_900, Currency::VND)));
        let unserved = r#"{"success": true, "fee": {"fee": 30400, "delivery": false}}"#;
        assert_eq!(answer(unserved), Quote::Refused(QuoteRefusal::NotServed));
        assert_eq!(answer(r#"{"success": false, "message": "no"}"#), Quote::Refused(QuoteRefusal::NotServed));
    }

    #[test]
    fn an_order_carries_what_to_collect_and_its_weight_in_kilograms() {
        let order = order_request("ghtk-economy", &consignment()).unwrap();
        assert_eq!(order.order.pick_money, 345_000);
        assert_eq!(order.order.pick_option, "cod");
        let brought = Consignment { hand_in: HandIn::Brought, ..consignment() };
        assert_eq!(order_request("ghtk-economy", &brought).unwrap().order.pick_option, "post");
        assert_eq!(order.order.pick_address, "590 CMT8, Phường 11");
        assert!((order.products[0].weight - 1.25).abs() < f64::EPSILON);
    }

    #[test]
    fn an_order_that_was_taken_before_keeps_its_label() {
        let answer = |json: &str| read_order(&serde_json::from_str(json).unwrap());
        let taken = r#"{"success": true, "order": {"partner_id": "a4", "label": "S1.A1.2001297581", "fee": "30400"}}"#;
        assert_eq!(answer(taken).as_deref(), Some("S1.A1.2001297581"));
        let again = r#"{"success": false, "error": {"code": "ORDER_ID_EXIST", "partner_id": "a4", "ghtk_label": "S1.A1.2001297581"}}"#;
        assert_eq!(answer(again).as_deref(), Some("S1.A1.2001297581"));
        assert_eq!(answer(r#"{"success": false, "message": "no"}"#), None);
    }

    #[test]
    fn statuses_that_change_nothing_are_passed_over() {
        assert_eq!(read_status(5), Some(ShipmentStatus::Delivered));
        assert_eq!(read_status(3), Some(ShipmentStatus::PickedUp));
        assert_eq!(read_status(8), None);
    }
}
