//! Who sees what of an account; favorites and follows.

use kernel::ProductId;
use serde_json::{Value, json};

use crate::site::{Site, codes, errors};

/// What only the account itself may read.
const PRIVATE: [&str; 17] = [
    "username",
    "email",
    "emailVerified",
    "phone",
    "phoneVerified",
    "gender",
    "dateOfBirth",
    "isAdmin",
    "sessions { id }",
    "contacts { id }",
    "favorites { totalCount }",
    "notifications { totalCount }",
    "notificationChannels",
    "paymentMethods { id }",
    "blockedAccounts { totalCount }",
    "feed { totalCount }",
    "unreadNotificationCount",
];

#[tokio::test]
async fn a_stranger_sees_the_public_profile_and_nothing_else() {
    let site = Site::start().await;
    let (owner, other, admin) = (site.member().await, site.member().await, site.admin().await);
    let ask = |field: &str| format!("{{ account(id: \"{}\") {{ {field} }} }}", owner.id);
    for field in PRIVATE.into_iter().chain(["following { totalCount }"]) {
        let anonymous = site.client().send(&ask(field), json!({})).await;
        assert_eq!(codes(&anonymous), ["UNAUTHENTICATED"], "{field}");
        for client in [&other.client, &admin.client] {
            assert_eq!(codes(&client.send(&ask(field), json!({})).await), ["FORBIDDEN"], "{field}");
        }
        assert!(owner.client.send(&ask(field), json!({})).await.errors.is_empty(), "{field}");
    }
    let public = ask("id name description country currency createdAt followerCount followingCount isFollowed");
    let data = site.client().data(&public, json!({})).await;
    assert_eq!(data["account"]["name"], "A member");
    assert!(data["account"]["isFollowed"].is_null());
    assert!(site.client().data("{ me { id } }", json!({})).await["me"].is_null());
    let nobody = "{ account(id: \"01900000-0000-7000-8000-000000000000\") { id } }";
    assert!(site.client().data(nobody, json!({})).await["account"].is_null());
    assert_eq!(codes(&site.client().send("{ account(id: \"42\") { id } }", json!({})).await), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn a_profile_is_changed_by_its_owner_and_checked_by_field() {
    let site = Site::start().await;
    let (member, other) = (site.member().await, site.member().await);
    let selection = "account { name description country currency gender dateOfBirth username }";
    let input =
        json!({"description": "We sell shoes.", "country": "us", "gender": "OTHER", "dateOfBirth": "1990-02-28"});
    let payload = member.mutate("updateProfile", selection, input).await;
    assert_eq!(
        payload["account"],
        json!({"name": "A member", "description": "We sell shoes.", "country": "US", "currency": "USD",
               "gender": "OTHER", "dateOfBirth": "1990-02-28", "username": member.username})
    );
    let payload = member.mutate("updateProfile", selection, json!({"gender": null})).await;
    assert!(payload["account"]["gender"].is_null());
    assert_eq!(payload["account"]["dateOfBirth"], "1990-02-28");
    assert_eq!(member.mutate("updateProfile", selection, json!({})).await["account"]["country"], "US");

    let input = json!({"username": "x", "name": "", "description": "x".repeat(2001), "country": "Mars",
                       "dateOfBirth": "2999-01-01"});
    assert_eq!(
        errors(&member.mutate("updateProfile", selection, input).await),
        [
            "USERNAME_INVALID username",
            "TEXT_INVALID name",
            "TEXT_INVALID description",
            "COUNTRY_UNKNOWN country",
            "DATE_OF_BIRTH_INVALID dateOfBirth"
        ]
    );
    let payload = member.mutate("updateProfile", selection, json!({"username": other.username.to_uppercase()})).await;
    assert_eq!(errors(&payload), ["USERNAME_TAKEN username"]);
}

#[tokio::test]
async fn a_favorite_is_marked_once_and_shown_to_its_owner() {
    let site = Site::start().await;
    let (member, other) = (site.member().await, site.member().await);
    let products: Vec<String> = (0..3).map(|_| ProductId::new().to_string()).collect();
    for product in products.iter().chain(&products) {
        let payload = member.mutate("addFavorite", "product { id isFavorite }", json!({"productId": product})).await;
        assert_eq!(payload["product"], json!({"id": product, "isFavorite": true}));
    }
    let page =
        member.me("favorites(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { product { id } } }");
    let page = page.await["favorites"].clone();
    assert_eq!(page["totalCount"], 3);
    assert_eq!(page["nodes"][0]["product"]["id"], products[2].as_str(), "newest first");
    let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = format!("favorites(after: \"{cursor}\") {{ pageInfo {{ hasNextPage }} nodes {{ product {{ id }} }} }}");
    let rest = member.me(&rest).await["favorites"].clone();
    assert_eq!(rest, json!({"pageInfo": {"hasNextPage": false}, "nodes": [{"product": {"id": products[0]}}]}));

    let entities = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { isFavorite } } }";
    let representations: Vec<_> = products.iter().map(|id| json!({"__typename": "Product", "id": id})).collect();
    let asked = |client: test_kit::Client| {
        let representations = representations.clone();
        async move { client.data(entities, json!({"r": representations})).await["_entities"].take() }
    };
    let each = |value: serde_json::Value| json!([{"isFavorite": value}, {"isFavorite": value}, {"isFavorite": value}]);
    assert_eq!(asked(member.client.clone()).await, each(json!(true)));
    assert_eq!(asked(other.client.clone()).await, each(json!(false)));
    assert_eq!(asked(site.client()).await, each(json!(null)));

    let payload = member.mutate("removeFavorite", "product { isFavorite }", json!({"productId": products[0]})).await;
    assert_eq!(payload["product"]["isFavorite"], false);
    assert_eq!(member.me("favorites { totalCount }").await["favorites"]["totalCount"], 2);
    for (bad, code) in
        [("first: 0", "BAD_USER_INPUT"), ("first: 101", "BAD_USER_INPUT"), ("after: \"x\"", "BAD_USER_INPUT")]
    {
        let reply = member.client.send(&format!("{{ me {{ favorites({bad}) {{ totalCount }} }} }}"), json!({})).await;
        assert_eq!(codes(&reply), [code], "{bad}");
    }
}

#[tokio::test]
async fn following_counts_once_and_is_undone() {
    let site = Site::start().await;
    let (fan, shop) = (site.member().await, site.member().await);
    let selection = "account { isFollowed followerCount }";
    for _ in 0..2 {
        let payload = fan.mutate("followAccount", selection, json!({"accountId": shop.id})).await;
        assert_eq!(payload["account"], json!({"isFollowed": true, "followerCount": 1}));
    }
    let me = fan.me("followingCount following { totalCount nodes { account { id } } }").await;
    assert_eq!(
        me,
        json!({"followingCount": 1, "following": {"totalCount": 1, "nodes": [{"account": {"id": shop.id}}]}})
    );
    let payload = fan.mutate("unfollowAccount", selection, json!({"accountId": shop.id})).await;
    assert_eq!(payload["account"], json!({"isFollowed": false, "followerCount": 0}));
    assert_eq!(
        errors(&fan.mutate("followAccount", selection, json!({"accountId": fan.id})).await),
        ["OWN_ACCOUNT accountId"]
    );
    let nobody = json!({"accountId": "01900000-0000-7000-8000-000000000000"});
    assert_eq!(errors(&fan.mutate("followAccount", selection, nobody).await), ["ACCOUNT_UNKNOWN accountId"]);
}

#[tokio::test]
async fn ten_thousand_favorites_are_paged_without_a_gap_and_without_a_repetition() {
    let site = Site::start().await;
    let member = site.member().await;
    site.sql(&format!(
        "INSERT INTO account.favorite (account_id, product_id, created_at)
        SELECT '{}', gen_random_uuid(), now() - number / 10 * interval '1 second' FROM generate_series(1, 10000) AS number",
        member.id
    ))
    .await;
    let query = "query($after: String) { me { favorites(first: 100, after: $after) {
        totalCount nodes { product { id isFavorite } } pageInfo { hasNextPage endCursor } } } }";
    let mut seen = std::collections::HashSet::new();
    let mut after = Value::Null;
    loop {
        let page = member.client.data(query, json!({"after": after})).await["me"]["favorites"].take();
        assert_eq!(page["totalCount"], 10000);
        for node in page["nodes"].as_array().unwrap() {
            assert_eq!(node["product"]["isFavorite"], true);
            assert!(seen.insert(node["product"]["id"].as_str().unwrap().to_owned()), "it came twice");
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen.len(), 10000);
}
