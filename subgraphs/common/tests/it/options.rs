//! Service options, and what administrators make of them.

use common::store;
use contracts::common::{OptionCategory, ServiceOption};
use serde_json::{Value, json};

use crate::desk::{Desk, viewer};

fn option(id: &str, name: &str, position: i32) -> ServiceOption {
    ServiceOption {
        id: id.to_owned(),
        category: OptionCategory::Payment,
        provider: "vnpay".to_owned(),
        name: name.to_owned(),
        description: String::new(),
        position,
    }
}

const LIST: &str =
    "query($all: Boolean!) { serviceOptions(category: PAYMENT, disabledToo: $all) { id name position enabled } }";
const SET: &str = "mutation($input: SetServiceOptionInput!) { setServiceOption(input: $input) {
    serviceOption { id enabled position } userErrors { code field } } }";

async fn ids(desk: &Desk) -> Vec<Value> {
    let answer = desk.ask(None, LIST, json!({"all": false})).await;
    answer["data"]["serviceOptions"].as_array().unwrap().iter().map(|option| option["id"].clone()).collect()
}

#[tokio::test]
async fn registering_again_renews_what_the_module_says_and_keeps_what_the_administrator_set() {
    let (desk, admin) = (Desk::open().await, viewer(true));
    let options = [option("cod", "COD", 9), option("vnpay-qr", "QR", 0), option("vnpay-atm", "ATM", 1)];
    store::option_register(&desk.db, &options).await.unwrap();
    assert_eq!(ids(&desk).await, ["vnpay-qr", "vnpay-atm", "cod"]);
    for input in [json!({"id": "cod", "position": -1}), json!({"id": "vnpay-qr", "enabled": false})] {
        let set = desk.ask(Some(&admin), SET, json!({"input": input})).await;
        assert_eq!(set["data"]["setServiceOption"]["userErrors"], json!([]), "{set:#}");
    }
    store::option_register(&desk.db, &[option("cod", "Cash", 5), option("vnpay-qr", "QR code", 0)]).await.unwrap();
    store::option_register(&desk.db, &[]).await.unwrap();
    assert_eq!(ids(&desk).await, ["cod", "vnpay-atm"]);
    let all = desk.ask(Some(&admin), LIST, json!({"all": true})).await;
    assert_eq!(
        all["data"]["serviceOptions"],
        json!([
            {"id": "cod", "name": "Cash", "position": -1, "enabled": true},
            {"id": "vnpay-qr", "name": "QR code", "position": 0, "enabled": false},
            {"id": "vnpay-atm", "name": "ATM", "position": 1, "enabled": true},
        ])
    );
}

#[tokio::test]
async fn modules_that_register_at_once_do_not_disturb_one_another() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let registrations: Vec<_> = (0..20)
        .map(|number| {
            let desk = desk.clone();
            let mut options: Vec<_> = (0..5).map(|id| option(&format!("option-{id}"), "name", id)).collect();
            if number % 2 == 0 {
                options.reverse();
            }
            tokio::spawn(async move { store::option_register(&desk.db, &options).await.unwrap() })
        })
        .collect();
    for registration in registrations {
        registration.await.unwrap();
    }
    assert_eq!(ids(&desk).await.len(), 5);
}

#[tokio::test]
async fn only_administrators_decide_about_options() {
    let desk = Desk::open().await;
    store::option_register(&desk.db, &[option("cod", "COD", 0)]).await.unwrap();
    for (who, code) in [(Some(viewer(false)), "FORBIDDEN"), (None, "UNAUTHENTICATED")] {
        let set = desk.ask(who.as_ref(), SET, json!({"input": {"id": "cod", "enabled": false}})).await;
        assert_eq!(set["errors"][0]["extensions"]["code"], code);
        let all = desk.ask(who.as_ref(), LIST, json!({"all": true})).await;
        assert_eq!(all["errors"][0]["extensions"]["code"], code);
    }
    let unknown = desk.ask(Some(&viewer(true)), SET, json!({"input": {"id": "nope", "enabled": false}})).await;
    assert_eq!(unknown["data"]["setServiceOption"]["userErrors"], json!([{"code": "UNKNOWN_OPTION", "field": "id"}]));
    assert_eq!(ids(&desk).await, ["cod"]);
}
