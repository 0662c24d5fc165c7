//! How often somebody may try.

use serde_json::{Value, json};

use crate::site::{Member, PASSWORD, Site, errors, unique};

/// Tries to log in from an address, as the router tells it. The answer is a code.
async fn attempt(site: &Site, address: &str, identifier: &str, password: &str) -> String {
    let query = "mutation($input: LogInInput!) { logIn(input: $input) { session { id } userErrors { code } } }";
    let body = json!({"query": query, "variables": {"input": {"identifier": identifier, "password": password}}});
    let request = reqwest::Client::new().post(format!("{}/graphql", site.base));
    let answer = request.header("x-forwarded-for", address).json(&body).send().await.unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    if let Some(error) = answer["errors"].get(0) {
        assert!(error["extensions"]["retryAfterSeconds"].as_u64().is_some_and(|seconds| seconds <= 900), "{error:#}");
        return error["extensions"]["code"].as_str().unwrap().to_owned();
    }
    let payload = &answer["data"]["logIn"];
    payload["userErrors"][0]["code"].as_str().unwrap_or("let in").to_owned()
}

/// An address that no other test has.
pub(crate) fn address() -> String {
    let number = uuid::Uuid::new_v4().as_u128();
    format!("2001:db8::{:x}:{:x}", number as u16, (number >> 16) as u16)
}

#[tokio::test]
async fn wrong_attempts_at_one_identifier_are_limited_known_or_not() {
    let site = Site::start_with(&[("LOG_IN_ATTEMPTS_PER_IDENTIFIER", "3")]).await;
    let member: Member = site.member().await;
    for identifier in [member.username.clone(), unique("nobody")] {
        for _ in 0..3 {
            // From everywhere, and however it is written.
            assert_eq!(attempt(&site, &address(), &identifier.to_uppercase(), "wrong").await, "CREDENTIALS_WRONG");
        }
        assert_eq!(attempt(&site, &address(), &identifier, "wrong").await, "RATE_LIMITED");
    }
    assert_eq!(attempt(&site, &address(), &member.username, PASSWORD).await, "RATE_LIMITED", "the right one no more");
}

#[tokio::test]
async fn right_attempts_do_not_count() {
    let site = Site::start_with(&[("LOG_IN_ATTEMPTS_PER_IDENTIFIER", "2"), ("LOG_IN_ATTEMPTS_PER_ADDRESS", "2")]).await;
    let (member, address) = (site.member().await, address());
    for _ in 0..4 {
        assert_eq!(attempt(&site, &address, &member.username, PASSWORD).await, "let in");
    }
}

#[tokio::test]
async fn wrong_attempts_from_one_address_are_limited() {
    let site = Site::start_with(&[("LOG_IN_ATTEMPTS_PER_ADDRESS", "3")]).await;
    let (here, elsewhere) = (address(), address());
    for _ in 0..3 {
        assert_eq!(attempt(&site, &here, &unique("nobody"), "wrong").await, "CREDENTIALS_WRONG");
    }
    let member = site.member().await;
    assert_eq!(attempt(&site, &here, &member.username, PASSWORD).await, "RATE_LIMITED");
    assert_eq!(attempt(&site, &elsewhere, &member.username, PASSWORD).await, "let in");
}

#[tokio::test]
async fn a_stolen_session_does_not_help_to_guess_the_password() {
    let site = Site::start_with(&[("LOG_IN_ATTEMPTS_PER_IDENTIFIER", "2")]).await;
    let member = site.member().await;
    let input = json!({"currentPassword": "wrong horse battery", "newPassword": "a new horse battery"});
    for _ in 0..2 {
        let payload = member.mutate("changePassword", "account { id }", input.clone()).await;
        assert_eq!(errors(&payload), ["PASSWORD_WRONG currentPassword"]);
    }
    let mutation = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
    let reply = member.client.send(mutation, json!({"input": input})).await;
    assert_eq!(reply.code(), Some("RATE_LIMITED"));
}
