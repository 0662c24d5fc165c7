//! Logging in, staying in, and logging out.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    limits::address,
    site::{Member, PASSWORD, Site, codes, errors, unique},
};

/// How long a revocation may take.
const SECOND: Duration = Duration::from_secs(1);

async fn is_shut_out_within_a_second(member: &Member) -> bool {
    let deadline = tokio::time::Instant::now() + SECOND;
    while tokio::time::Instant::now() < deadline {
        if !member.is_let_in().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// The whole answer to a log-in with a wrong password, and how long it took.
async fn refused(http: &reqwest::Client, site: &Site, address: &str, identifier: &str) -> (Value, Duration) {
    let query = "mutation($input: LogInInput!) { logIn(input: $input) {
        session { id } userErrors { code message field } } }";
    let input = json!({"identifier": identifier, "password": "wrong horse battery"});
    let request = http.post(format!("{}/graphql", site.base)).header("x-forwarded-for", address);
    let request = request.json(&json!({"query": query, "variables": {"input": input}}));
    let start = Instant::now();
    let answer = request.send().await.unwrap().text().await.unwrap();
    (serde_json::from_str(&answer).unwrap(), start.elapsed())
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_are_answered_alike_and_as_late() {
    let site = Site::start().await;
    let email = || format!("{}@example.com", unique("mail"));
    let phone = || format!("+849{:08}", Uuid::new_v4().as_u128() % 100_000_000);
    let pairs = [(unique("member"), unique("nobody")), (email(), email()), (phone(), phone())];
    let [username, email, phone] = [&pairs[0].0, &pairs[1].0, &pairs[2].0];
    let input = json!({"username": username, "email": email, "phone": phone, "name": "A member", "password": PASSWORD});
    assert!(errors(&site.register(input).await).is_empty());
    let message = "The identifier or the password is wrong.";
    let error = json!({"code": "CREDENTIALS_WRONG", "message": message, "field": null});
    let expected = json!({"data": {"logIn": {"session": null, "userErrors": [error]}}});
    let (http, address) = (reqwest::Client::new(), address());
    for (known, unknown) in &pairs {
        assert!(errors(&site.log_in(known, PASSWORD).await).is_empty(), "{known} has an account");
        let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
        // Fewer than the attempts that an identifier has, and in turn, so that another's work delays both.
        for _ in 0..8 {
            for (identifier, times) in [(known, &mut of_known), (unknown, &mut of_unknown)] {
                let (answer, time) = refused(&http, &site, &address, identifier).await;
                assert_eq!(answer, expected, "{identifier}");
                times.push(time);
            }
        }
        // The shortest of each is the work itself. A log-in without its slow hash takes a small part of that.
        let (wrong, missing) = (*of_known.iter().min().unwrap(), *of_unknown.iter().min().unwrap());
        assert!(missing * 3 > wrong && wrong * 3 > missing, "{known}: {of_known:?}, {unknown}: {of_unknown:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_return_ends_the_session() {
    let site = Site::start().await;
    let first = site.member().await;
    let second = site.logged_in(&first.username, &site.refresh(&first.refresh_token).await["session"]);
    assert_ne!(second.refresh_token, first.refresh_token);
    assert!(second.is_let_in().await && first.is_let_in().await, "an access token lives until it expires");
    let third = site.logged_in(&first.username, &site.refresh(&second.refresh_token).await["session"]);

    let stolen = site.refresh(&first.refresh_token).await;
    assert!(stolen["session"].is_null());
    assert_eq!(errors(&stolen), ["REFRESH_TOKEN_INVALID refreshToken"]);
    assert!(is_shut_out_within_a_second(&third).await, "the whole family is revoked");
    assert_eq!(errors(&site.refresh(&third.refresh_token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
    let reasons = "SELECT count(*) FROM account.session WHERE end_reason = 'TOKEN_REUSED'";
    assert_eq!(site.number(reasons).await, 1);
}

#[tokio::test]
async fn of_many_who_use_one_refresh_token_at_once_at_most_one_gets_the_next() {
    let site = Site::start().await;
    let member = site.member().await;
    let payloads = futures::future::join_all((0..8).map(|_| site.refresh(&member.refresh_token))).await;
    let renewed = payloads.iter().filter(|payload| !payload["session"].is_null()).count();
    assert_eq!(renewed, 1, "{payloads:#?}");
    assert!(is_shut_out_within_a_second(&member).await, "the others gave the theft away");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let site = Site::start().await;
    for token in ["", "nothing", &"x".repeat(5000), "\u{0}"] {
        assert_eq!(errors(&site.refresh(token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
    }
    let member = site.member().await;
    site.sql("UPDATE account.session SET expires_at = now()").await;
    assert_eq!(errors(&site.refresh(&member.refresh_token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
}

#[tokio::test]
async fn log_out_ends_one_session_within_a_second() {
    let site = Site::start().await;
    let phone = site.member().await;
    let laptop = site.logged_in(&phone.username, &site.log_in(&phone.username, PASSWORD).await["session"]);
    phone.client.data("mutation { logOut { sessionId userErrors { code } } }", json!({})).await;
    assert!(is_shut_out_within_a_second(&phone).await);
    let reply = phone.client.send("{ __typename }", json!({})).await;
    assert_eq!(codes(&reply), ["UNAUTHENTICATED"]);
    assert_eq!(errors(&site.refresh(&phone.refresh_token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
    assert!(laptop.is_let_in().await);
}

#[tokio::test]
async fn a_session_is_revoked_from_another_and_by_its_owner_alone() {
    let site = Site::start().await;
    let phone = site.member().await;
    let laptop = site.logged_in(&phone.username, &site.log_in(&phone.username, PASSWORD).await["session"]);
    let stranger = site.member().await;
    let sessions = laptop.me("sessions { id current }").await;
    let lost = sessions["sessions"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let input = json!({"sessionId": lost["id"]});

    let refused = stranger.mutate("revokeSession", "sessionId", input.clone()).await;
    assert_eq!(errors(&refused), ["SESSION_NOT_FOUND sessionId"]);
    assert!(phone.is_let_in().await);

    let revoked = laptop.mutate("revokeSession", "sessionId", input.clone()).await;
    assert_eq!(revoked["sessionId"], lost["id"]);
    assert!(is_shut_out_within_a_second(&phone).await);
    assert!(laptop.is_let_in().await);
    assert_eq!(laptop.me("sessions { id }").await["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(errors(&laptop.mutate("revokeSession", "sessionId", input).await), ["SESSION_NOT_FOUND sessionId"]);
}

#[tokio::test]
async fn log_out_everywhere_ends_all_sessions_and_no_later_one() {
    let site = Site::start().await;
    let phone = site.member().await;
    let laptop = site.logged_in(&phone.username, &site.log_in(&phone.username, PASSWORD).await["session"]);
    let reply = laptop.client.data("mutation { logOutEverywhere { endedSessions } }", json!({})).await;
    assert_eq!(reply["logOutEverywhere"]["endedSessions"], 2);
    assert!(is_shut_out_within_a_second(&phone).await && is_shut_out_within_a_second(&laptop).await);
    let again = site.logged_in(&phone.username, &site.log_in(&phone.username, PASSWORD).await["session"]);
    assert!(again.is_let_in().await);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_the_old_password() {
    let site = Site::start().await;
    let phone = site.member().await;
    let laptop = site.logged_in(&phone.username, &site.log_in(&phone.username, PASSWORD).await["session"]);
    let change = |old: &str, new: &str| {
        let input = json!({"currentPassword": old, "newPassword": new});
        laptop.mutate("changePassword", "account { id }", input)
    };
    assert_eq!(errors(&change(PASSWORD, "short").await), ["PASSWORD_INVALID newPassword"]);
    assert_eq!(errors(&change("wrong horse battery", "a new horse battery").await), ["PASSWORD_WRONG currentPassword"]);
    assert!(phone.is_let_in().await);
    assert!(errors(&change(PASSWORD, "a new horse battery").await).is_empty());
    assert!(laptop.is_let_in().await);
    assert!(is_shut_out_within_a_second(&phone).await);
    assert_eq!(errors(&site.log_in(&phone.username, PASSWORD).await), ["CREDENTIALS_WRONG -"]);
    assert!(errors(&site.log_in(&phone.username, "a new horse battery").await).is_empty());
}
