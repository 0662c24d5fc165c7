//! Payment methods.

use serde_json::{Value, json};

use crate::site::{Member, Site, codes, errors};

const METHOD: &str = "paymentMethod { id provider brand lastDigits expiresYear expiresMonth isDefault }";

async fn add(member: &Member, nonce: &str) -> Value {
    member.mutate("addPaymentMethod", METHOD, json!({"provider": "sandbox", "nonce": nonce})).await
}

async fn id_of(member: &Member, nonce: &str) -> String {
    add(member, nonce).await["paymentMethod"]["id"].as_str().unwrap().to_owned()
}

async fn defaults(member: &Member) -> Vec<String> {
    let me = member.me("paymentMethods { id isDefault }").await;
    let methods = me["paymentMethods"].as_array().unwrap().iter().filter(|method| method["isDefault"] == true);
    methods.map(|method| method["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_method_becomes_the_default_and_a_successor_is_found() {
    let site = Site::start().await;
    let member = site.member().await;
    let payload = add(&member, "sandbox-visa-1111").await;
    let method = &payload["paymentMethod"];
    assert_eq!(
        (&method["brand"], &method["lastDigits"], &method["isDefault"]),
        (&json!("VISA"), &json!("1111"), &json!(true))
    );
    let first = method["id"].as_str().unwrap().to_owned();
    assert_eq!(id_of(&member, "sandbox-visa-1111").await, first, "the same card is the one that is there");
    let second = id_of(&member, "sandbox-napas-2222").await;
    assert_eq!(defaults(&member).await, std::slice::from_ref(&first));

    let payload = member.mutate("setDefaultPaymentMethod", METHOD, json!({"id": second})).await;
    assert_eq!(payload["paymentMethod"]["isDefault"], true);
    assert_eq!(defaults(&member).await, std::slice::from_ref(&second));
    let payload = member.mutate("removePaymentMethod", "paymentMethodId", json!({"id": second})).await;
    assert_eq!(payload["paymentMethodId"], second.as_str());
    assert_eq!(defaults(&member).await, [first]);
}

#[tokio::test]
async fn one_method_is_the_default_however_many_are_added_and_chosen_at_once() {
    let site = Site::start().await;
    let member = site.member().await;
    let nonces: Vec<String> = (0..10).map(|number| format!("sandbox-visa-{number:04}")).collect();
    let ids = futures::future::join_all(nonces.iter().map(|nonce| id_of(&member, nonce))).await;
    assert_eq!(defaults(&member).await.len(), 1);
    let changes = ids.iter().enumerate().map(|(number, id)| {
        let member = &member;
        async move {
            let (name, selection) = if number % 3 == 0 {
                ("removePaymentMethod", "paymentMethodId")
            } else {
                ("setDefaultPaymentMethod", METHOD)
            };
            member.mutate(name, selection, json!({"id": id})).await
        }
    });
    for payload in futures::future::join_all(changes).await {
        assert!(errors(&payload).is_empty(), "{payload:#}");
    }
    assert_eq!(defaults(&member).await.len(), 1);
}

#[tokio::test]
async fn the_database_itself_keeps_exactly_one_default() {
    let site = Site::start().await;
    let member = site.member().await;
    add(&member, "sandbox-visa-1111").await;
    add(&member, "sandbox-visa-2222").await;
    for (broken, expected) in
        [("is_default = true", "payment_method_one_default"), ("is_default = false", "payment_method_has_default")]
    {
        let statement = format!("UPDATE account.payment_method SET {broken}");
        let error = sea_orm::ConnectionTrait::execute_unprepared(&site.owner, &statement).await.unwrap_err();
        assert_eq!(service_kit::database::violated_constraint(&error), Some(expected));
    }
}

#[tokio::test]
async fn what_a_provider_refuses_is_refused_and_nothing_is_kept() {
    let site = Site::start().await;
    let member = site.member().await;
    for (nonce, code) in [
        ("4111111111111111", "NONCE_INVALID nonce"),
        ("", "NONCE_INVALID nonce"),
        ("sandbox-declined", "PAYMENT_METHOD_DECLINED nonce"),
    ] {
        assert_eq!(errors(&add(&member, nonce).await), [code], "{nonce}");
    }
    let input = json!({"provider": "nobody", "nonce": "x"});
    assert_eq!(errors(&member.mutate("addPaymentMethod", METHOD, input).await), ["PROVIDER_UNKNOWN provider"]);
    assert_eq!(site.number("SELECT count(*) FROM account.payment_method").await, 0);
    for number in 0..20 {
        add(&member, &format!("sandbox-visa-{number:04}")).await;
    }
    assert_eq!(errors(&add(&member, "sandbox-visa-9999").await), ["PAYMENT_METHOD_LIMIT_REACHED -"]);
}

#[tokio::test]
async fn a_stranger_neither_sees_nor_changes_a_method_and_nobody_sees_its_token() {
    let site = Site::start().await;
    let (owner, stranger) = (site.member().await, site.member().await);
    let id = id_of(&owner, "sandbox-visa-1111").await;
    for (name, selection) in [("removePaymentMethod", "paymentMethodId"), ("setDefaultPaymentMethod", METHOD)] {
        let payload = stranger.mutate(name, selection, json!({"id": id})).await;
        assert_eq!(errors(&payload), ["PAYMENT_METHOD_NOT_FOUND id"], "{name}");
    }
    let query = format!("{{ account(id: \"{}\") {{ paymentMethods {{ id }} }} }}", owner.id);
    assert_eq!(codes(&stranger.client.send(&query, json!({})).await), ["FORBIDDEN"]);
    assert_eq!(codes(&site.client().send(&query, json!({})).await), ["UNAUTHENTICATED"]);
    let fields = "{ __type(name: \"PaymentMethod\") { fields { name } } }";
    let fields = site.client().data(fields, json!({})).await.to_string();
    assert!(!fields.contains("oken"), "{fields}");
}
