//! The durable handlers, called through Restate. One test, because the names of services are global in one engine.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, extract::State, routing::any};
use chrono::{TimeDelta, Utc};
use contracts::account::{ACCOUNTS, CONTACT_DEFAULT, NOTIFY, NotificationKind, Notify, PARTIES, PartiesWanted};
use kernel::{AccountId, Currency, NotificationId};
use restate_sdk::endpoint::Endpoint;
use serde_json::{Value, json};
use uuid::Uuid;

use tokio::net::TcpListener;

use crate::{
    recovery::{letter_to, tokens_are_sent_and_prove_what_they_say},
    site::{Member, PASSWORD, Site, codes, errors, unique},
    social::{
        self, a_block_ends_what_either_follows_and_reaches_chat, a_feed_shows_new_products_of_those_who_are_followed,
    },
};

/// Serves the handlers of another module, acted by this test.
async fn serve(endpoint: Endpoint) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    async fn handle(State(endpoint): State<Endpoint>, request: axum::extract::Request) -> axum::response::Response {
        endpoint.handle(request).map(Body::new)
    }
    let app = Router::new().route("/restate/{*path}", any(handle)).with_state(endpoint);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Tells Restate where handlers are.
async fn register(site: &Site, base: &str) {
    let body = json!({"uri": format!("{base}/restate"), "force": true});
    let url = site.platform.config.restate_admin_url.join("deployments").unwrap();
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

fn notification(account_id: AccountId, number: usize) -> Notify {
    Notify {
        notification_id: NotificationId::new(),
        account_id,
        kind: NotificationKind::OrderConfirmed,
        title: format!("Order {number}"),
        content: "Confirmed.".to_owned(),
        metadata: json!({"orderId": number}),
    }
}

async fn send(site: &Site, notify: &Notify) {
    // A key of its own each time, so that the engine does not recognise the repetition and the handler has to.
    NOTIFY.at_ingress(&site.platform.ingress, Uuid::now_v7().to_string(), notify.clone()).await.unwrap();
}

const FIELDS: &str = "id sequence kind title content metadata read";

#[tokio::test]
async fn other_modules_notify_accounts_and_read_them() {
    let site = Site::start().await;
    register(&site, &site.base).await;
    let blocks = Arc::new(Mutex::new(Vec::new()));
    let chat = serve(Endpoint::builder().bind(social::Chat(blocks.clone())).build()).await;
    register(&site, &format!("http://{chat}")).await;
    a_block_ends_what_either_follows_and_reaches_chat(&site, &blocks).await;
    a_feed_shows_new_products_of_those_who_are_followed(&site).await;
    tokens_are_sent_and_prove_what_they_say(&site).await;
    an_announcement_is_delivered_when_it_is_due_and_by_the_ways_that_are_wanted(&site).await;
    notifications_are_stored_once_and_numbered_without_gaps(&site).await;
    a_follower_misses_nothing(&site).await;
    a_follower_of_what_has_not_been_is_refused(&site).await;
    the_directory_answers_with_copies(&site).await;
}

async fn notifications_are_stored_once_and_numbered_without_gaps(site: &Site) {
    let member = site.member().await;
    let id: AccountId = member.id.parse().unwrap();
    let all: Vec<Notify> = (0..20).map(|number| notification(id, number)).collect();
    futures::future::join_all(all.iter().chain(&all).map(|notify| send(site, notify))).await;
    let selection = format!("unreadNotificationCount notifications(first: 100) {{ totalCount nodes {{ {FIELDS} }} }}");
    let page = member.me(&selection).await;
    assert_eq!((&page["unreadNotificationCount"], &page["notifications"]["totalCount"]), (&json!(20), &json!(20)));
    let nodes = page["notifications"]["nodes"].as_array().unwrap();
    let sequences: Vec<&str> = nodes.iter().map(|node| node["sequence"].as_str().unwrap()).collect();
    let expected: Vec<String> = (1..=20).rev().map(|number: i32| number.to_string()).collect();
    assert_eq!(sequences, expected);
    assert_eq!((&nodes[0]["kind"], &nodes[0]["read"]), (&json!("ORDER_CONFIRMED"), &json!(false)));

    reads(&member, nodes).await;
    let nobody = notification(AccountId::new(), 1);
    send(site, &nobody).await;
    let stored = format!("SELECT count(*) FROM account.notification WHERE account_id = '{id}'");
    assert_eq!(site.number(&stored).await, 20);
}

async fn an_announcement_is_delivered_when_it_is_due_and_by_the_ways_that_are_wanted(site: &Site) {
    let admin = site.admin().await;
    let (username, email) = (unique("member"), format!("{}@example.com", unique("mail")));
    let input = json!({"username": username, "email": email, "name": "A member", "password": PASSWORD});
    let member = site.logged_in(&username, &site.register(input).await["session"]);
    site.sql(&format!("UPDATE account.account SET email_verified_at = now() WHERE id = '{}'", member.id)).await;
    let wish = json!({"channels": ["EMAIL"]});
    let payload = member.mutate("setNotificationChannels", "account { notificationChannels }", wish).await;
    assert_eq!(payload["account"]["notificationChannels"], json!(["IN_APP", "EMAIL"]));

    let due = Utc::now() + TimeDelta::seconds(3);
    let input = json!({"accountIds": [member.id], "title": "Summer sale", "content": "It begins.",
                       "deliverAt": due, "idempotencyKey": unique("key")});
    for _ in 0..2 {
        let payload = admin.mutate("sendAnnouncement", "deliverAt", input.clone()).await;
        assert!(errors(&payload).is_empty(), "{payload:#}");
    }
    assert!(letter_to(site, &email, "Summer sale").await.contains("It begins."));
    let page =
        member.me("notifications { totalCount nodes { kind channels createdAt } }").await["notifications"].clone();
    assert_eq!(page["totalCount"], 1, "the same key announces once");
    assert_eq!(page["nodes"][0]["channels"], json!(["IN_APP", "EMAIL"]));
    let at: chrono::DateTime<Utc> = page["nodes"][0]["createdAt"].as_str().unwrap().parse().unwrap();
    assert!(at >= due - TimeDelta::milliseconds(50), "{at} is before {due}");

    let wrong = json!({"accountIds": [], "title": " ", "content": "", "deliverAt": "2020-01-01T00:00:00Z", "idempotencyKey": "k"});
    let payload = admin.mutate("sendAnnouncement", "deliverAt", wrong).await;
    let expected = ["TEXT_INVALID title", "TEXT_INVALID content", "LIST_TOO_LONG accountIds", "TIME_INVALID deliverAt"];
    assert_eq!(errors(&payload), expected);
    let query = "mutation($input: SendAnnouncementInput!) { sendAnnouncement(input: $input) { deliverAt } }";
    assert_eq!(codes(&member.client.send(query, json!({"input": input})).await), ["FORBIDDEN"]);
}

async fn reads(member: &Member, nodes: &[Value]) {
    let stranger_free = "account { unreadNotificationCount }";
    let some = json!({"ids": [nodes[0]["id"], nodes[1]["id"], Uuid::now_v7()]});
    let payload = member.mutate("markNotificationsRead", stranger_free, some).await;
    assert_eq!(payload["account"]["unreadNotificationCount"], 18);
    let unread = member.me("notifications(unreadOnly: true, first: 1) { totalCount nodes { sequence } }").await;
    assert_eq!(unread["notifications"], json!({"totalCount": 18, "nodes": [{"sequence": "18"}]}));
    let payload = member.mutate("markNotificationsRead", stranger_free, json!({"all": true})).await;
    assert_eq!(payload["account"]["unreadNotificationCount"], 0);
    for input in [json!({}), json!({"all": true, "ids": []})] {
        let payload = member.mutate("markNotificationsRead", stranger_free, input).await;
        assert_eq!(errors(&payload), ["SELECTION_INVALID ids"]);
    }
}

async fn a_follower_misses_nothing(site: &Site) {
    let (member, other) = (site.member().await, site.member().await);
    let id: AccountId = member.id.parse().unwrap();
    for number in 1..=3 {
        send(site, &notification(id, number)).await;
    }
    let follow = "subscription($after: BigInt) { notificationReceived(after: $after) { sequence title } }";
    let mut resumed = member.client.subscribe(follow, json!({"after": "1"})).await;
    let mut fresh = member.client.subscribe(follow, json!({})).await;
    let mut stranger = other.client.subscribe(follow, json!({"after": "0"})).await;
    let number = |event: Value| event["notificationReceived"]["sequence"].as_str().unwrap().to_owned();
    assert_eq!(number(resumed.next().await.unwrap()), "2");
    assert_eq!(number(resumed.next().await.unwrap()), "3");
    // The subscription that starts now is open before the next one is sent.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for next in 4..=6 {
        send(site, &notification(id, next)).await;
        assert_eq!(number(resumed.next().await.unwrap()), next.to_string());
        assert_eq!(number(fresh.next().await.unwrap()), next.to_string());
    }
    assert!(stranger.is_silent_for(Duration::from_millis(300)).await);
    let mut anonymous = site.client().subscribe(follow, json!({})).await;
    assert!(anonymous.next().await.unwrap_err().to_string().contains("UNAUTHENTICATED"));
}

async fn a_follower_of_what_has_not_been_is_refused(site: &Site) {
    let (member, other) = (site.member().await, site.member().await);
    let (id, other_id): (AccountId, AccountId) = (member.id.parse().unwrap(), other.id.parse().unwrap());
    for notify in [notification(id, 1), notification(id, 2), notification(other_id, 1)] {
        send(site, &notify).await;
    }
    let follow = "subscription($after: BigInt) { notificationReceived(after: $after) { sequence } }";
    // The second number is one of the member's, and not yet one of the other's.
    for (account, after) in [(&member, 3), (&member, i64::MAX), (&member, -1), (&other, 2)] {
        let mut stream = account.client.subscribe(follow, json!({"after": after.to_string()})).await;
        let refused = stream.next().await.unwrap_err();
        let error = &refused["payload"]["errors"][0]["extensions"];
        let expected = (&json!("BAD_USER_INPUT"), &json!("after"));
        assert_eq!((&error["code"], &error["field"]), expected, "{after}: {refused:#}");
    }
    let mut newest = member.client.subscribe(follow, json!({"after": "2"})).await;
    send(site, &notification(id, 3)).await;
    assert_eq!(newest.next().await.unwrap()["notificationReceived"]["sequence"], "3");
}

async fn the_directory_answers_with_copies(site: &Site) {
    let (member, other) = (site.member().await, site.member().await);
    let (id, other_id): (AccountId, AccountId) = (member.id.parse().unwrap(), other.id.parse().unwrap());
    let (ingress, peers) = (&site.platform.ingress, &site.platform.peers);
    let key = || Uuid::now_v7().to_string();
    assert_eq!(CONTACT_DEFAULT.at_ingress(ingress, key(), id).await.unwrap(), None);
    let input = json!({"fullName": "An", "phone": "0901234567", "address": "1 Tràng Tiền"});
    let payload = member.mutate("createContact", "contact { id }", input).await;
    let contact_id = payload["contact"]["id"].as_str().unwrap().parse().unwrap();

    let default = CONTACT_DEFAULT.at_ingress(ingress, key(), id).await.unwrap().unwrap();
    assert_eq!((default.contact_id, default.phone.as_str()), (Some(contact_id), "+84901234567"));
    let wanted = |buyer_id, default_contact| PartiesWanted {
        buyer_id,
        contact_ids: vec![contact_id],
        default_contact,
        seller_ids: vec![other_id, AccountId::new()],
    };
    let own = peers.read(&PARTIES, &wanted(id, true)).await.unwrap();
    assert_eq!((own.contacts, own.default_contact), (vec![default.clone()], Some(default)));
    assert_eq!(own.sellers.iter().map(|seller| seller.account_id).collect::<Vec<_>>(), [other_id]);
    let others = peers.read(&PARTIES, &wanted(other_id, true)).await.unwrap();
    assert_eq!((others.contacts, others.default_contact), (vec![], None));
    let unasked = peers.read(&PARTIES, &wanted(id, false)).await.unwrap();
    assert_eq!(unasked.default_contact, None);

    let ids = vec![id, other_id, AccountId::new()];
    let mut found = peers.read(&ACCOUNTS, &ids).await.unwrap();
    found.sort_by_key(|account| account.account_id);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|account| account.currency == Currency::VND && !account.suspended));

    // Contacts are private: only who knows the secret of the modules may ask.
    for token in [None, Some("x"), Some(member.client.token().unwrap())] {
        let mut request = reqwest::Client::new().post(format!("{}/reads/parties", site.base)).json(&wanted(id, true));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
}
