//! From addresses to coordinates and back, by the built-in gazetteer.

use serde_json::{Value, json};

use crate::desk::{Desk, viewer};

#[tokio::test]
async fn an_address_is_found_and_a_place_suggested() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    let query = "{ geocode(address: \"45 Lê Lợi, Quận 1, TP.HCM\") { name latitude longitude }
        unknown: geocode(address: \"nowhere at all\") { name }
        reverseGeocode(latitude: 16.06, longitude: 108.21) { name }
        ocean: reverseGeocode(latitude: 0, longitude: -150) { name }
        placeSuggestions(text: \"da n\", first: 3) { name } }";
    let answer = desk.ask(Some(&ann), query, json!({})).await;
    let expected = json!({"name": "Hồ Chí Minh, Vietnam", "latitude": 10.7769, "longitude": 106.7009});
    assert_eq!(answer["data"]["geocode"], expected, "{answer:#}");
    assert_eq!((&answer["data"]["unknown"], &answer["data"]["ocean"]), (&Value::Null, &Value::Null));
    assert_eq!(answer["data"]["reverseGeocode"]["name"], "Đà Nẵng, Vietnam");
    assert_eq!(answer["data"]["placeSuggestions"], json!([{"name": "Đà Nẵng, Vietnam"}]));
}

#[tokio::test]
async fn what_is_no_address_and_no_position_is_refused_by_field() {
    let (desk, ann) = (Desk::open().await, viewer(false));
    for (query, field) in [
        ("{ geocode(address: \" \") { name } }", "address"),
        ("{ reverseGeocode(latitude: 91, longitude: 0) { name } }", "latitude"),
        ("{ reverseGeocode(latitude: 0, longitude: 181) { name } }", "longitude"),
        ("{ placeSuggestions(text: \"x\") { name } }", "text"),
        ("{ placeSuggestions(text: \"xy\", first: 11) { name } }", "first"),
    ] {
        let answer = desk.ask(Some(&ann), query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["field"], field, "{answer:#}");
        let answer = desk.ask(None, query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}
