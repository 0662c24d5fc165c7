//! One-time tokens: proving addresses, and coming back without a password.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::site::{Member, PASSWORD, Site, codes, errors, unique};

const NEW_PASSWORD: &str = "a fresh horse battery";

/// Somebody with an email address.
async fn member(site: &Site) -> (Member, String) {
    let (username, email) = (unique("member"), format!("{}@example.com", unique("mail")));
    let input = json!({"username": username, "email": email, "name": "A member", "password": PASSWORD});
    let payload = site.register(input).await;
    (site.logged_in(&username, &payload["session"]), email)
}

/// Writes a token as if it had been sent.
async fn token(site: &Site, member: &Member, purpose: &str, destination: &str, token: &str, minutes: i32) {
    let (id, hash) = (&member.id, hex::encode(Sha256::digest(token)));
    site.sql(&format!(
        "INSERT INTO account.one_time_token
            VALUES ('{id}', '{purpose}', '{destination}', '{hash}', 0, now() - interval '1 hour',
                    now() + interval '{minutes} minutes')
            ON CONFLICT (account_id, purpose) DO UPDATE SET token_hash = excluded.token_hash, attempts = 0"
    ))
    .await;
}

async fn reset(site: &Site, identifier: &str, token: &str) -> Value {
    let query = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) {
        passwordSet userErrors { code field } } }";
    let input = json!({"identifier": identifier, "token": token, "newPassword": NEW_PASSWORD});
    site.client().data(query, json!({"input": input})).await["resetPassword"].take()
}

const WRONG: [&str; 1] = ["TOKEN_INVALID token"];

#[tokio::test]
async fn a_reset_token_works_once_and_ends_every_session() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    token(&site, &member, "RESET_PASSWORD", &email, "secret", 30).await;
    assert_eq!(errors(&reset(&site, &email, "wrong").await), WRONG);
    assert_eq!(reset(&site, &email.to_uppercase(), " secret ").await["passwordSet"], true);
    assert_eq!(errors(&reset(&site, &email, "secret").await), WRONG, "it is used up");

    assert_eq!(errors(&site.refresh(&member.refresh_token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
    assert!(!member.is_let_in().await);
    assert_eq!(errors(&site.log_in(&member.username, PASSWORD).await), ["CREDENTIALS_WRONG -"]);
    let back = site.logged_in(&member.username, &site.log_in(&member.username, NEW_PASSWORD).await["session"]);
    assert_eq!(back.me("emailVerified").await["emailVerified"], true, "who has the mail has proved the address");
}

#[tokio::test]
async fn a_reset_token_is_good_for_five_attempts_and_half_an_hour() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    token(&site, &member, "RESET_PASSWORD", &email, "secret", 30).await;
    for _ in 0..5 {
        assert_eq!(errors(&reset(&site, &member.username, "wrong").await), WRONG);
    }
    assert_eq!(errors(&reset(&site, &member.username, "secret").await), WRONG, "it has been tried too often");
    token(&site, &member, "RESET_PASSWORD", &email, "late", -1).await;
    site.sql("UPDATE account.one_time_token SET expires_at = now() - interval '1 second'").await;
    assert_eq!(errors(&reset(&site, &email, "late").await), WRONG);
    token(&site, &member, "VERIFY_EMAIL", &email, "other", 30).await;
    assert_eq!(errors(&reset(&site, &email, "other").await), WRONG, "a token is good for its own purpose");
}

#[tokio::test]
async fn a_reset_token_that_went_to_an_address_of_before_is_worth_nothing() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    token(&site, &member, "RESET_PASSWORD", &email, "secret", 30).await;
    site.sql(&format!("UPDATE account.account SET email = 'new-{email}' WHERE id = '{}'", member.id)).await;
    assert_eq!(errors(&reset(&site, &member.username, "secret").await), WRONG);
}

#[tokio::test]
async fn of_many_who_use_a_token_at_once_one_succeeds() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    token(&site, &member, "RESET_PASSWORD", &email, "secret", 30).await;
    let resets = (0..5).map(|_| reset(&site, &email, "secret"));
    let done = futures::future::join_all(resets).await;
    assert_eq!(done.iter().filter(|payload| payload["passwordSet"] == true).count(), 1);
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_token_are_answered_alike() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    token(&site, &member, "RESET_PASSWORD", &email, "secret", 30).await;
    let mut answers = Vec::new();
    for identifier in [email.as_str(), "nobody@example.com", "nobody_at_all"] {
        let started = Instant::now();
        answers.push(reset(&site, identifier, "wrong").await);
        assert!(started.elapsed() >= Duration::from_millis(400), "no answer comes before the floor");
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let payload = reset(&site, "not an identifier", "x").await;
    assert_eq!(errors(&payload), ["IDENTIFIER_INVALID identifier"]);
}

#[tokio::test]
async fn verification_is_of_the_viewers_own_and_a_new_address_needs_the_password() {
    let site = Site::start().await;
    let (member, email) = member(&site).await;
    let (other, _) = self::member(&site).await;
    token(&site, &member, "VERIFY_EMAIL", &email, "secret", 30).await;
    let confirm = json!({"kind": "EMAIL", "token": "secret"});
    let selection = "account { email emailVerified }";
    assert_eq!(errors(&other.mutate("confirmVerification", selection, confirm.clone()).await), WRONG);
    let payload = member.mutate("confirmVerification", selection, confirm.clone()).await;
    assert_eq!(payload["account"], json!({"email": email, "emailVerified": true}));
    assert_eq!(errors(&member.mutate("confirmVerification", selection, confirm).await), WRONG);

    let request = |kind: &str, address: Option<&str>, password: Option<&str>| {
        let input = json!({"kind": kind, "address": address, "password": password, "idempotencyKey": unique("key")});
        member.mutate("requestVerification", "account { id }", input)
    };
    assert_eq!(errors(&request("EMAIL", None, None).await), ["ALREADY_VERIFIED kind"]);
    assert_eq!(errors(&request("PHONE", None, None).await), ["ADDRESS_MISSING address"]);
    assert_eq!(errors(&request("EMAIL", Some("x"), None).await), ["EMAIL_INVALID address"]);
    assert_eq!(errors(&request("PHONE", Some("12"), None).await), ["PHONE_INVALID address"]);
    for password in [None, Some("wrong horse battery")] {
        let payload = request("PHONE", Some("0901234567"), password).await;
        assert_eq!(errors(&payload), ["PASSWORD_WRONG password"]);
    }
    let channels = json!({"channels": ["SMS"]});
    let payload = member.mutate("setNotificationChannels", "account { id }", channels).await;
    assert_eq!(errors(&payload), ["ADDRESS_NOT_VERIFIED channels"]);
    let key = json!({"input": {"kind": "PHONE", "idempotencyKey": ""}});
    let query =
        "mutation($input: RequestVerificationInput!) { requestVerification(input: $input) { userErrors { code } } }";
    assert_eq!(codes(&member.client.send(query, key).await), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn the_outbox_is_not_there_in_production() {
    let site = Site::start_with(&[("SHOPNEXUS_ENV", "production")]).await;
    let answer = reqwest::get(format!("{}/development/outbox", site.base)).await.unwrap();
    assert_eq!(answer.status(), 404);
    let member = site.member().await;
    assert_eq!(member.client.data("{ paymentMethodProviders }", json!({})).await["paymentMethodProviders"], json!([]));
}

/// The newest letter to somebody, as the page of development shows it.
pub(crate) async fn letter_to(site: &Site, to: &str, subject: &str) -> String {
    let url = format!("{}/development/outbox", site.base);
    for _ in 0..600 {
        let request = reqwest::Client::new().get(&url).query(&[("to", to)]).header("accept", "application/json");
        let letters: Vec<Value> = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        if let Some(letter) = letters.iter().find(|letter| letter["subject"] == subject) {
            return letter["body"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter {subject:?} to {to} within a minute");
}

/// The token stands on a line of its own.
fn token_in(letter: &str) -> &str {
    letter.lines().nth(2).unwrap()
}

/// Part of the durable test.
pub(crate) async fn tokens_are_sent_and_prove_what_they_say(site: &Site) {
    let (member, email) = member(site).await;
    let selection = "account { email emailVerified phone phoneVerified }";
    let key = unique("key");
    let request = json!({"kind": "EMAIL", "idempotencyKey": key});
    member.mutate("requestVerification", "account { id }", request).await;
    let letter = letter_to(site, &email, "Confirm your email address").await;
    let confirm = json!({"kind": "EMAIL", "token": token_in(&letter)});
    assert_eq!(member.mutate("confirmVerification", selection, confirm).await["account"]["emailVerified"], true);

    // A phone number that the account did not have yet, written as people do.
    let number = format!("09{:08}", Uuid::now_v7().as_u128() % 100_000_000);
    let phone = format!("+84{}", &number[1..]);
    let request = json!({"kind": "PHONE", "address": number, "password": PASSWORD, "idempotencyKey": unique("key")});
    member.mutate("requestVerification", "account { id }", request).await;
    let letter = letter_to(site, &phone, "Confirm your phone number").await;
    assert_eq!(member.me("phone").await["phone"], Value::Null, "it is not the account's before it is proved");
    let confirm = json!({"kind": "PHONE", "token": token_in(&letter)});
    let payload = member.mutate("confirmVerification", selection, confirm).await;
    assert_eq!(payload["account"]["phone"], phone.as_str());

    let ask = |identifier: String| async move {
        let query = "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) {
            accepted userErrors { code field } } }";
        let input = json!({"identifier": identifier, "idempotencyKey": unique("key")});
        site.client().send(query, json!({"input": input})).await
    };
    let known = ask(email.clone()).await.data;
    assert_eq!(known, ask("nobody@example.com".to_owned()).await.data, "the answer tells nothing");
    let letter = letter_to(site, &email, "Set a new password").await;
    assert_eq!(reset(site, &phone, token_in(&letter)).await["passwordSet"], true);
    site.logged_in(&member.username, &site.log_in(&phone, NEW_PASSWORD).await["session"]);
    let tokens = site.number("SELECT count(*) FROM account.one_time_token WHERE token_hash LIKE '%-%'").await;
    assert_eq!(tokens, 0, "tokens are kept as hashes");

    let stubborn = unique("stubborn");
    for _ in 0..5 {
        assert!(ask(stubborn.clone()).await.errors.is_empty());
    }
    assert_eq!(codes(&ask(stubborn).await), ["RATE_LIMITED"]);
}
