//! Blocks, reports and feeds.

use std::sync::{Arc, Mutex};

use contracts::{
    account::{PRODUCT_PUBLISHED, ProductPublished},
    chat::BlockSet,
};
use kernel::ProductId;
use restate_sdk::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::site::{Site, codes, errors};

#[tokio::test]
async fn a_report_is_read_and_closed_by_administrators_alone() {
    let site = Site::start().await;
    let (admin, member, bad) = (site.admin().await, site.member().await, site.member().await);
    let input = json!({"accountId": bad.id, "reason": "FRAUD", "details": "Took my money."});
    let report = member.mutate("reportAccount", "report { id reason details }", input.clone()).await;
    let id = report["report"]["id"].as_str().unwrap().to_owned();
    let again = member.mutate("reportAccount", "report { id }", input).await;
    assert_eq!(again["report"]["id"], id.as_str(), "an open report is not doubled");

    let list = "{ accountReports { totalCount nodes { id reporter { id } account { id } reason resolvedAt } } }";
    assert_eq!(codes(&site.client().send(list, json!({})).await), ["UNAUTHENTICATED"]);
    assert_eq!(codes(&bad.client.send(list, json!({})).await), ["FORBIDDEN"]);
    let reports = admin.client.data(list, json!({})).await["accountReports"].clone();
    let expected = json!({"totalCount": 1, "nodes": [{"id": id, "reporter": {"id": member.id},
        "account": {"id": bad.id}, "reason": "FRAUD", "resolvedAt": null}]});
    assert_eq!(reports, expected);

    let close = json!({"reportId": id, "resolution": "Warned."});
    let query = "mutation($input: ResolveAccountReportInput!) { resolveAccountReport(input: $input) {
        report { resolution } userErrors { code field } } }";
    assert_eq!(codes(&member.client.send(query, json!({"input": close})).await), ["FORBIDDEN"]);
    let payload = admin.mutate("resolveAccountReport", "report { resolution }", close.clone()).await;
    assert_eq!(payload["report"]["resolution"], "Warned.");
    let payload = admin.mutate("resolveAccountReport", "report { id }", close).await;
    assert_eq!(errors(&payload), ["REPORT_NOT_FOUND reportId"]);
    assert_eq!(admin.client.data(list, json!({})).await["accountReports"]["totalCount"], 0);
    let all = "{ accountReports(openOnly: false) { totalCount } }";
    assert_eq!(admin.client.data(all, json!({})).await["accountReports"]["totalCount"], 1);
}

#[tokio::test]
async fn a_report_that_is_wrong_is_refused_by_field() {
    let site = Site::start().await;
    let member = site.member().await;
    let report = |id: &str, details: &str| {
        let input = json!({"accountId": id, "reason": "OTHER", "details": details});
        member.mutate("reportAccount", "report { id }", input)
    };
    assert_eq!(errors(&report(&member.id, "").await), ["OWN_ACCOUNT accountId"]);
    assert_eq!(errors(&report(&Uuid::now_v7().to_string(), "").await), ["ACCOUNT_UNKNOWN accountId"]);
    assert_eq!(errors(&report(&Uuid::now_v7().to_string(), &"x".repeat(2001)).await), ["TEXT_INVALID details"]);
    let block = member.mutate("blockAccount", "account { id }", json!({"accountId": member.id})).await;
    assert_eq!(errors(&block), ["OWN_ACCOUNT accountId"]);
}

/// `chat`, as far as `account` knows it.
pub(crate) struct Chat(pub(crate) Arc<Mutex<Vec<BlockSet>>>);

#[restate_sdk::service(name = "ChatBlocks", client_visibility = "pub(crate)")]
impl Chat {
    #[handler]
    async fn set(&self, _: Context<'_>, Json(told): Json<BlockSet>) -> Result<Json<()>, HandlerError> {
        self.0.lock().unwrap().push(told);
        Ok(Json(()))
    }
}

/// Part of the durable test.
pub(crate) async fn a_block_ends_what_either_follows_and_reaches_chat(site: &Site, told: &Mutex<Vec<BlockSet>>) {
    let (ann, bob) = (site.member().await, site.member().await);
    ann.mutate("followAccount", "account { id }", json!({"accountId": bob.id})).await;
    bob.mutate("followAccount", "account { id }", json!({"accountId": ann.id})).await;
    for _ in 0..2 {
        let payload =
            ann.mutate("blockAccount", "account { isBlocked isFollowed }", json!({"accountId": bob.id})).await;
        assert_eq!(payload["account"], json!({"isBlocked": true, "isFollowed": false}));
    }
    let selection = "blockedAccounts { totalCount nodes { account { id } } }";
    let blocks = ann.me(selection).await["blockedAccounts"].clone();
    assert_eq!(blocks, json!({"totalCount": 1, "nodes": [{"account": {"id": bob.id}}]}));
    assert_eq!(bob.me(selection).await["blockedAccounts"]["totalCount"], 0);
    assert_eq!(bob.me("followingCount").await["followingCount"], 0);
    let query = format!("{{ account(id: \"{}\") {{ isBlocked }} }}", ann.id);
    let seen = bob.client.data(&query, json!({})).await;
    assert_eq!(seen["account"]["isBlocked"], false, "who is blocked is not told");
    for (one, two) in [(&ann, &bob), (&bob, &ann)] {
        let payload = one.mutate("followAccount", "account { id }", json!({"accountId": two.id})).await;
        assert_eq!(errors(&payload), ["ACCOUNT_BLOCKED accountId"]);
    }
    let payload = ann.mutate("unblockAccount", "account { isBlocked }", json!({"accountId": bob.id})).await;
    assert_eq!(payload["account"]["isBlocked"], false);
    let payload = ann.mutate("blockAccount", "account { id }", json!({"accountId": Uuid::now_v7()})).await;
    assert_eq!(errors(&payload), ["ACCOUNT_UNKNOWN accountId"]);
    let told = told.lock().unwrap();
    let decided: Vec<bool> = told.iter().map(|set| set.blocked).collect();
    assert_eq!(decided, [true, true, false], "in the order in which it was decided");
}

/// Part of the durable test.
pub(crate) async fn a_feed_shows_new_products_of_those_who_are_followed(site: &Site) {
    let (fan, shop, other) = (site.member().await, site.member().await, site.member().await);
    let publish = |seller: &str, minute: i64| {
        let product = ProductPublished {
            product_id: ProductId::new(),
            seller_id: seller.parse().unwrap(),
            published_at: chrono::DateTime::from_timestamp(1_700_000_000 + minute * 60, 0).unwrap(),
        };
        let ingress = site.platform.ingress.clone();
        async move {
            for _ in 0..2 {
                let key = Uuid::now_v7().to_string();
                PRODUCT_PUBLISHED.at_ingress(&ingress, key, product.clone()).await.unwrap();
            }
            product.product_id.to_string()
        }
    };
    let (old, new) = (publish(&shop.id, 1).await, publish(&shop.id, 3).await);
    publish(&other.id, 2).await;
    let selection =
        "feed(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { product { id } seller { id } } }";
    assert_eq!(fan.me(selection).await["feed"]["totalCount"], 0);
    fan.mutate("followAccount", "account { id }", json!({"accountId": shop.id})).await;
    let feed = fan.me(selection).await["feed"].clone();
    assert_eq!(feed["totalCount"], 2);
    assert_eq!(feed["nodes"], json!([{"product": {"id": new}, "seller": {"id": shop.id}}]));
    let cursor = feed["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = format!("feed(after: \"{cursor}\") {{ nodes {{ product {{ id }} }} pageInfo {{ hasNextPage }} }}");
    let rest: Value = fan.me(&rest).await["feed"].clone();
    assert_eq!(rest, json!({"nodes": [{"product": {"id": old}}], "pageInfo": {"hasNextPage": false}}));
    let query =
        format!("{{ account(id: \"{}\") {{ feed {{ totalCount }} blockedAccounts {{ totalCount }} }} }}", fan.id);
    assert_eq!(codes(&shop.client.send(&query, json!({})).await), ["FORBIDDEN", "FORBIDDEN"]);
}
