//! Registering.

use serde_json::json;

use crate::site::{PASSWORD, Site, errors, unique};

#[tokio::test]
async fn register_logs_in_and_any_identifier_does_so_later() {
    let site = Site::start().await;
    let (username, email) = (unique("An.Nguyen"), format!("{}@Example.com", unique("An")));
    let input = json!({
        "username": username, "email": email, "phone": "090 111 2233", "name": " An Nguyen ",
        "password": PASSWORD, "country": "vn", "device": "Firefox on Debian",
    });
    let payload = site.register(input).await;
    assert!(errors(&payload).is_empty(), "{payload:#}");
    let member = site.logged_in(&username, &payload["session"]);
    let me = member.me("name username email phone country currency sessions { device current }").await;
    assert_eq!(
        me,
        json!({
            "name": "An Nguyen", "username": username, "email": email.to_lowercase(), "phone": "+84901112233",
            "country": "VN", "currency": "VND", "sessions": [{"device": "Firefox on Debian", "current": true}],
        })
    );
    for identifier in [&username.to_uppercase(), &email.to_uppercase(), "+84 90 111-2233", "0901112233"] {
        let payload = site.log_in(identifier, PASSWORD).await;
        assert_eq!(payload["session"]["account"]["id"], member.id.as_str(), "{identifier}");
    }
}

#[tokio::test]
async fn register_names_everything_that_is_wrong_at_once() {
    let site = Site::start().await;
    let input = json!({
        "username": "1st", "email": "nobody", "phone": "call me", "name": "\u{7}", "password": "short", "country": "XX",
    });
    let payload = site.register(input).await;
    assert!(payload["session"].is_null());
    assert_eq!(
        errors(&payload),
        [
            "COUNTRY_UNKNOWN country",
            "USERNAME_INVALID username",
            "EMAIL_INVALID email",
            "PHONE_INVALID phone",
            "TEXT_INVALID name",
            "PASSWORD_INVALID password",
        ]
    );
    let payload = site.register(json!({"name": "Nobody", "username": " ", "password": PASSWORD})).await;
    assert_eq!(errors(&payload), ["IDENTIFIER_MISSING username"]);
    let input = json!({"name": "A", "username": unique("a"), "password": PASSWORD, "device": "x".repeat(101)});
    assert_eq!(errors(&site.register(input).await), ["TEXT_INVALID device"]);
}

#[tokio::test]
async fn an_identifier_belongs_to_one_account_whatever_its_case_and_its_race() {
    let site = Site::start().await;
    let (username, email) = (unique("taken"), format!("{}@example.com", unique("taken")));
    let first = json!({
        "username": username, "email": email, "phone": "+84901112234", "name": "A", "password": PASSWORD,
    });
    assert!(errors(&site.register(first).await).is_empty());
    for (field, value, code) in [
        ("username", username.to_uppercase(), "USERNAME_TAKEN"),
        ("email", email.to_uppercase(), "EMAIL_TAKEN"),
        ("phone", "0901112234".to_owned(), "PHONE_TAKEN"),
        ("phone", "+84 90 111 22 34".to_owned(), "PHONE_TAKEN"),
        ("phone", "0084-901-112-234".to_owned(), "PHONE_TAKEN"),
        ("phone", "(090) 111.2234".to_owned(), "PHONE_TAKEN"),
        ("phone", "901112234".to_owned(), "PHONE_TAKEN"),
    ] {
        let payload = site.register(json!({field: value, "name": "B", "password": PASSWORD})).await;
        assert_eq!(errors(&payload), [format!("{code} {field}")]);
    }
    let username = unique("race");
    let input = json!({"username": username, "name": "R", "password": PASSWORD});
    let payloads = futures::future::join_all((0..8).map(|_| site.register(input.clone()))).await;
    let won = payloads.iter().filter(|payload| errors(payload).is_empty()).count();
    assert_eq!(won, 1, "{payloads:#?}");
    assert_eq!(site.number(&format!("SELECT count(*) FROM account.account WHERE username = '{username}'")).await, 1);
}
