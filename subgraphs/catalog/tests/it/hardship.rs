//! What search is asked that makes no sense, and what happens to its index when workers die.

use std::{path::Path, sync::Arc, time::Duration};

use catalog::{
    search::{
        Index, Search,
        indexing::{Work, follow_facts, tidy},
    },
    store::{
        index::backlog,
        sku::{sku_list_by_products, sku_update},
    },
};
use chrono::TimeDelta;
use kernel::{AccountId, CategoryId, Currency, Money};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    indexing::{Indexed, names},
    shop::Shop,
};

const SEARCH: &str = "query($query: String!, $filter: ProductFilterInput, $first: Int, $after: String) {
    searchProducts(query: $query, filter: $filter, first: $first, after: $after) {
        mode totalCount edges { node { name } highlight { name { text match } } }
        facets { categories { count } } pageInfo { hasNextPage endCursor } } }";

/// Questions that mean nothing, or much to a parser of queries.
const QUESTIONS: [&str; 22] = [
    "",
    " ",
    "m",
    "ư",
    "the and of",
    "😀",
    "😀😀 🚲",
    "\"wireless",
    "'",
    "wireless\" mouse",
    "mouse OR",
    "AND",
    "NOT mouse",
    "mouse -wired",
    "+mouse",
    "name:mouse",
    "(mouse",
    "mouse)",
    "mou*",
    "%",
    "mouse~2 ^3 [1 TO 5] {",
    "\\ / : && || !",
];

async fn answers_everything(shop: &Shop, mode: &str) {
    for question in QUESTIONS {
        let data = shop.ask(None, SEARCH, json!({ "query": question })).await.fine();
        let found = &data["searchProducts"];
        assert!(found["totalCount"].as_i64().unwrap() <= 7, "{question}: {found}");
        if question.chars().any(char::is_alphanumeric) {
            assert_eq!(found["mode"], mode, "{question}");
        }
    }
    let first = async |query: &str| {
        let found = names(&shop.ask(None, SEARCH, json!({ "query": query })).await.fine()["searchProducts"]);
        found.first().cloned().unwrap_or_default()
    };
    assert_eq!(first("\"wireless mouse").await, "Wireless mouse", "an open quote is no obstacle");
    assert_eq!(first("wireless AND mouse 😀").await, "Wireless mouse");
    let code = async |variables: Value| shop.ask(None, SEARCH, variables).await.code().to_owned();
    assert_eq!(code(json!({"query": "x".repeat(10_000)})).await, "BAD_USER_INPUT");
    assert_eq!(code(json!({"query": "mouse", "first": 101})).await, "BAD_USER_INPUT");
    assert_eq!(code(json!({"query": "mouse", "first": 0})).await, "BAD_USER_INPUT");
    assert_eq!(code(json!({"query": "mouse", "first": -1})).await, "BAD_USER_INPUT");
    assert_eq!(code(json!({"query": "mouse", "after": "no cursor"})).await, "BAD_USER_INPUT");
    let page = shop.ask(None, SEARCH, json!({"query": "mouse", "first": 1})).await.fine();
    let after = page["searchProducts"]["pageInfo"]["endCursor"].clone();
    assert_eq!(code(json!({"query": "shoes", "after": after})).await, "BAD_USER_INPUT", "a cursor of another query");
    let usd = |minor: &str| json!({"amountMinor": minor, "currency": "USD"});
    for filter in [json!({"categoryId": CategoryId::new()}), json!({"sellerId": AccountId::new()})] {
        let data = shop.ask(None, SEARCH, json!({"query": "mouse", "filter": filter})).await.fine();
        assert_eq!(data["searchProducts"]["totalCount"], 0, "{filter}");
    }
    let turned = json!({"priceMin": usd("900000"), "priceMax": usd("1")});
    assert_eq!(code(json!({"query": "mouse", "filter": turned})).await, "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_answered_by_the_index_and_by_the_database() {
    let indexed = Indexed::open_with(None).await;
    indexed.stock_up().await;
    answers_everything(&indexed.shop, "TEXT").await;
    std::fs::remove_dir_all(indexed.directory.path().join("search")).unwrap();
    answers_everything(&indexed.shop, "DATABASE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_are_killed_anywhere_lose_nothing_and_index_nothing_twice() {
    let indexed = Indexed::open_with(None).await;
    let db = &indexed.shop.db;
    for number in 0..60 {
        indexed.shop.product(indexed.seller, &format!("Thing {number}")).await;
    }
    let again = "UPDATE catalog.product_index SET facts_version = facts_version + 1";
    // Each round kills two workers a little later than the round before: while they claim, read, write, or settle.
    for round in 0..30_u64 {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let (db, search) = (db.clone(), indexed.search.clone());
                tokio::spawn(
                    async move { while follow_facts(&db, &search).await.is_ok_and(|work| work == Work::More) {} },
                )
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(round * 4)).await;
        for worker in workers {
            worker.abort();
            // It may have ended before.
            _ = worker.await;
        }
        db.execute_unprepared("UPDATE catalog.product_index SET facts_claimed_until = NULL").await.unwrap();
        if round % 5 == 4 {
            db.execute_unprepared(again).await.unwrap();
        }
    }
    while follow_facts(db, &indexed.search).await.unwrap() == Work::More {}
    assert_eq!(backlog(db).await.unwrap().facts, 0);
    let found = indexed.found(json!({"query": "thing", "first": 100})).await;
    assert_eq!((&found["mode"], &found["totalCount"]), (&json!("TEXT"), &json!(60)));
    let mut names = names(&found);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 60, "each of them once");
    assert_eq!(rows(&indexed.search, db).await, 60);
}

/// How many rows the table that answers has.
async fn rows(search: &Search, db: &sea_orm::DatabaseConnection) -> usize {
    let table = catalog::store::index_table::index_table_active(db).await.unwrap().unwrap();
    search.index.count(table.id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_are_cleaned_up_so_that_the_disk_does_not_fill() {
    let mut indexed = Indexed::open_with(None).await;
    let directory = indexed.directory.path().join("kept-briefly");
    indexed.search.index = Arc::new(Index::new(directory.clone()).keeping(TimeDelta::zero()));
    indexed.shop = indexed.shop.with_search(indexed.search.clone());
    let db = indexed.shop.db.clone();
    let mut ids = Vec::new();
    for number in 0..40 {
        let description = format!("A thing of the number {number}. ").repeat(50);
        let name = format!("Thing {number}");
        let long = indexed.shop.product_like(indexed.seller, &name, |new| new.draft.description = description);
        ids.push(long.await);
    }
    indexed.follow().await;
    tidy(&db, &indexed.search).await.unwrap();
    let once = size(&directory);
    let skus = sku_list_by_products(&db, &ids).await.unwrap();
    for round in 1..=25 {
        for sku in &skus {
            let price = Some(Money::new(1000 + round, Currency::USD));
            let change = catalog::drafts::SkuChange { price, ..Default::default() };
            sku_update(&db, indexed.seller, sku.id, change).await.unwrap().unwrap();
        }
        indexed.follow().await;
        if round % 5 == 0 {
            tidy(&db, &indexed.search).await.unwrap();
        }
    }
    let after = size(&directory);
    assert!(after < once * 4, "25 times as much was written: {once} bytes became {after}");
    let filter = json!({"priceMin": {"amountMinor": "1025", "currency": "USD"}});
    let found = indexed.found(json!({"query": "thing", "filter": filter, "first": 100})).await;
    assert_eq!((&found["mode"], &found["totalCount"]), (&json!("TEXT"), &json!(40)));
}

fn size(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.metadata().unwrap() {
            metadata if metadata.is_dir() => size(&entry.path()),
            metadata => metadata.len(),
        })
        .sum()
}
