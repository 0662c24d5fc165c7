//! Suspending accounts.

use std::time::Duration;

use serde_json::json;

use crate::site::{PASSWORD, Site, codes, errors};

#[tokio::test]
async fn a_suspended_account_is_shut_out_until_it_is_reinstated() {
    let site = Site::start().await;
    let (admin, member) = (site.admin().await, site.member().await);
    let input = json!({"accountId": member.id, "reason": "Sells counterfeits."});
    let mut events = member.client.subscribe("subscription { notificationReceived { id } }", json!({})).await;
    let payload = admin.mutate("suspendAccount", "account { suspendedAt suspensionReason }", input.clone()).await;
    assert_eq!(payload["account"]["suspensionReason"], "Sells counterfeits.");

    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(!member.is_let_in().await);
    let end = events.next().await.unwrap_err();
    assert!(end.to_string().contains("UNAUTHENTICATED"), "{end:#}");
    assert_eq!(errors(&site.refresh(&member.refresh_token).await), ["REFRESH_TOKEN_INVALID refreshToken"]);
    assert_eq!(errors(&site.log_in(&member.username, PASSWORD).await), ["ACCOUNT_SUSPENDED -"]);
    assert_eq!(
        errors(&site.log_in(&member.username, "wrong horse battery").await),
        ["CREDENTIALS_WRONG -"],
        "only who has the password learns of the suspension"
    );

    let payload = admin.mutate("reinstateAccount", "account { suspendedAt }", json!({"accountId": member.id})).await;
    assert!(payload["account"]["suspendedAt"].is_null());
    let back = site.logged_in(&member.username, &site.log_in(&member.username, PASSWORD).await["session"]);
    assert!(back.is_let_in().await);
    assert!(!member.is_let_in().await, "the old session stays over");
}

#[tokio::test]
async fn only_an_administrator_suspends_and_never_themselves() {
    let site = Site::start().await;
    let (admin, member, other) = (site.admin().await, site.member().await, site.member().await);
    for (name, reason) in [("suspendAccount", ", reason: \"x\""), ("reinstateAccount", "")] {
        let id = &other.id;
        let query =
            format!("mutation {{ {name}(input: {{accountId: \"{id}\"{reason}}}) {{ userErrors {{ code }} }} }}");
        assert_eq!(codes(&site.client().send(&query, json!({})).await), ["UNAUTHENTICATED"]);
        assert_eq!(codes(&member.client.send(&query, json!({})).await), ["FORBIDDEN"]);
    }
    assert!(other.is_let_in().await);
    let suspend = |id: &str, reason: &str| {
        admin.mutate("suspendAccount", "account { id }", json!({"accountId": id, "reason": reason}))
    };
    assert_eq!(errors(&suspend(&admin.id, "x").await), ["OWN_ACCOUNT accountId"]);
    assert_eq!(errors(&suspend(&other.id, " ").await), ["TEXT_INVALID reason"]);
    let nobody = "01900000-0000-7000-8000-000000000000";
    assert_eq!(errors(&suspend(nobody, "x").await), ["ACCOUNT_UNKNOWN accountId"]);
    let field = format!("{{ account(id: \"{}\") {{ suspendedAt }} }}", other.id);
    assert_eq!(codes(&member.client.send(&field, json!({})).await), ["FORBIDDEN"]);
}
