//! How many SQL statements a request takes, which must not grow with what it asks for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use account::{loaders::Loaders, schema};
use async_graphql::{Request, Variables};
use chrono::{TimeDelta, Utc};
use kernel::{AccountId, ProductId, SessionId};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use service_kit::{ModuleName, Viewer};
use test_kit::TestDatabase;

/// Accounts, each with a contact, who all follow the first of them, and products that the first has marked.
async fn fill(db: &DatabaseConnection, accounts: &[AccountId], products: &[ProductId]) {
    let first = accounts[0];
    for id in accounts {
        let rows = format!(
            "INSERT INTO account.account (id, username, password_hash, name, country, created_at)
                VALUES ('{id}', 'u{}', '', 'A', 'VN', now());
            INSERT INTO account.follow SELECT '{id}', '{first}', now() WHERE '{id}' <> '{first}'",
            id.uuid().simple()
        );
        db.execute_unprepared(&rows).await.unwrap();
    }
    for id in products {
        let row = format!("INSERT INTO account.favorite VALUES ('{first}', '{id}', now())");
        db.execute_unprepared(&row).await.unwrap();
    }
}

#[tokio::test]
async fn entities_take_as_many_statements_for_forty_as_for_two() {
    let mut db = TestDatabase::create().await.connect(ModuleName::Account).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    db.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let accounts: Vec<AccountId> = (0..20).map(|_| AccountId::new()).collect();
    let products: Vec<ProductId> = (0..20).map(|_| ProductId::new()).collect();
    fill(&db, &accounts, &products).await;
    let schema = schema::build().data(db.clone()).finish();
    let viewer = Viewer {
        account_id: accounts[0],
        session_id: SessionId::new(),
        admin: false,
        issued_at_ms: 0,
        expires_at: Utc::now() + TimeDelta::minutes(15),
    };
    let query = "query($all: [_Any!]!) { _entities(representations: $all) {
        ... on Account { name currency followerCount followingCount isFollowed }
        ... on Product { isFavorite }
    } }";
    let mut taken = Vec::new();
    for each in [1, 20] {
        let accounts = accounts[..each].iter().map(|id| json!({"__typename": "Account", "id": id}));
        let products = products[..each].iter().map(|id| json!({"__typename": "Product", "id": id}));
        let all: Vec<Value> = accounts.chain(products).collect();
        let request = Request::new(query).variables(Variables::from_json(json!({"all": all})));
        let before = count.load(Ordering::Relaxed);
        let response = schema.execute(request.data(Loaders::new(&db)).data(viewer)).await;
        taken.push(count.load(Ordering::Relaxed) - before);
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let entities = response.data.into_json().unwrap()["_entities"].take();
        assert_eq!(entities[0]["name"], "A");
        assert_eq!(entities[each]["isFavorite"], true);
    }
    assert_eq!(taken[0], 4, "accounts, follow counts, following, favorites");
    // A batch closes by the clock, so a busy machine may split one: still far from a statement for each.
    assert!(taken[1] < 4 + 19, "twenty took {} statements", taken[1]);
}
