//! Lists of products: paging, filters, orders.

use std::sync::LazyLock;

use chrono::{SubsecRound, Utc};
use kernel::{AccountId, Currency, Money};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::shop::Shop;

const PAGE: &str = "query($first: Int, $after: String, $sort: ProductSort!) {
    products(first: $first, after: $after, sort: $sort) {
        totalCount edges { cursor node { name } } pageInfo { hasNextPage endCursor } } }";

/// The names on all pages of a list.
async fn walk(shop: &Shop, sort: &str, first: i32) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"first": first, "after": after, "sort": sort});
        let page = shop.ask(None, PAGE, variables).await.fine()["products"].clone();
        let edges = page["edges"].as_array().unwrap();
        names.extend(edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return names;
        }
        assert_eq!(edges.len(), usize::try_from(first).unwrap());
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn paging_neither_repeats_nor_skips_where_keys_are_equal() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let now = Utc::now().trunc_subsecs(6);
    for number in 0..23_i64 {
        let id = shop
            .product_like(seller, &format!("p{number:02}"), |new| {
                // Equal times, few prices, two currencies: the id has to tell the rest apart.
                new.created_at = now;
                let currency = if number % 5 == 0 { Currency::VND } else { Currency::USD };
                new.skus[0].1.price = Money::new(100 + number % 3, currency);
            })
            .await;
        if number % 4 == 0 {
            shop.review(id, 5).await;
        }
    }
    for sort in ["NEWEST", "PRICE_ASCENDING", "PRICE_DESCENDING", "RATING"] {
        let whole = walk(&shop, sort, 100).await;
        assert_eq!(whole.len(), 23);
        for first in [1, 2, 7, 22, 23] {
            assert_eq!(walk(&shop, sort, first).await, whole, "{sort} by {first}");
        }
    }
    let ascending = walk(&shop, "PRICE_ASCENDING", 100).await;
    let mut descending = walk(&shop, "PRICE_DESCENDING", 100).await;
    descending.reverse();
    assert_eq!(ascending, descending);
}

#[tokio::test]
async fn a_page_keeps_to_its_bounds() {
    let shop = Shop::open().await;
    for first in [0, -1, 101] {
        let reply = shop.ask(None, PAGE, json!({"first": first, "sort": "NEWEST"})).await;
        assert_eq!(reply.code(), "BAD_USER_INPUT");
    }
    let reply = shop.ask(None, PAGE, json!({"after": "nonsense", "sort": "NEWEST"})).await;
    assert_eq!(reply.code(), "BAD_USER_INPUT");
    shop.product(AccountId::new(), "a").await;
    let page = shop.ask(None, PAGE, json!({"sort": "NEWEST"})).await.fine();
    let cursor = &page["products"]["edges"][0]["cursor"];
    let reply = shop.ask(None, PAGE, json!({"after": cursor, "sort": "RATING"})).await;
    assert_eq!(reply.code(), "BAD_USER_INPUT", "a cursor belongs to one order");
}

#[tokio::test]
async fn filters_narrow_a_list_together() {
    let shop = Shop::open().await;
    let (one, two) = (AccountId::new(), AccountId::new());
    let tagged = |tags: &'static [&'static str], price_minor: i64| {
        move |new: &mut catalog::store::product::NewProduct| {
            new.draft.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            new.skus[0].1.price = Money::new(price_minor, Currency::USD);
        }
    };
    let cheap = shop.product_like(one, "cheap", tagged(&["red", "small"], 100)).await;
    shop.product_like(one, "dear", tagged(&["red"], 9000)).await;
    shop.product_like(two, "other", tagged(&["red", "small"], 200)).await;
    shop.review(cheap, 4).await;
    shop.review(cheap, 5).await;
    let usd = |minor: i64| json!({"amountMinor": minor, "currency": "USD"});
    let cases = [
        (json!({}), vec!["other", "dear", "cheap"]),
        (json!({"sellerId": one}), vec!["dear", "cheap"]),
        (json!({"tags": [" Red", "SMALL"]}), vec!["other", "cheap"]),
        (json!({"tags": ["red"], "priceMin": usd(101), "priceMax": usd(9000)}), vec!["other", "dear"]),
        (json!({"priceMax": {"amountMinor": 500, "currency": "VND"}}), vec![]),
        (json!({"ratingMin": 4}), vec!["cheap"]),
        (json!({"ratingMin": 5}), vec![]),
        (json!({"sellerId": two, "ratingMin": 1}), vec![]),
    ];
    let query = "query($filter: ProductFilterInput) {
        products(filter: $filter) { totalCount edges { node { name } } } }";
    for (filter, expected) in cases {
        let data = shop.ask(None, query, json!({ "filter": filter })).await.fine();
        let edges = data["products"]["edges"].as_array().unwrap().clone();
        let names: Vec<&str> = edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{filter}");
        assert_eq!(data["products"]["totalCount"], expected.len(), "{filter}");
    }
    let mixed = json!({"priceMin": usd(1), "priceMax": {"amountMinor": 5, "currency": "VND"}});
    assert_eq!(shop.ask(None, query, json!({ "filter": mixed })).await.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn many_good_ratings_count_more_than_one() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let (once, often) = (shop.product(seller, "once").await, shop.product(seller, "often").await);
    shop.product(seller, "never").await;
    let bad = shop.product(seller, "bad").await;
    shop.review(once, 5).await;
    shop.review(bad, 1).await;
    for _ in 0..20 {
        shop.review(often, 5).await;
    }
    assert_eq!(walk(&shop, "RATING", 2).await, ["often", "once", "never", "bad"]);
}

#[tokio::test]
async fn tags_are_suggested_by_how_they_begin() {
    let shop = Shop::open().await;
    let tags = ["red", "red wine", "re_d", "blue", "rose"];
    let used = tags.map(str::to_owned).to_vec();
    shop.product_like(AccountId::new(), "Cup", |new| new.draft.tags = used).await;
    let query = "query($prefix: String!, $after: String) { tags(prefix: $prefix, first: 2, after: $after) {
        totalCount edges { node { name } } pageInfo { hasNextPage endCursor } } }";
    let names = |data: &Value| {
        let edges = data["tags"]["edges"].as_array().unwrap().clone();
        edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = shop.ask(None, query, json!({"prefix": "RE"})).await.fine();
    let after = first["tags"]["pageInfo"]["endCursor"].clone();
    let second = shop.ask(None, query, json!({"prefix": "RE", "after": after})).await.fine();
    assert_eq!([names(&first), names(&second)].concat().len(), 3);
    assert_eq!(first["tags"]["totalCount"], 3);
    assert_eq!(names(&shop.ask(None, query, json!({"prefix": "re_"})).await.fine()), ["re_d"], "no wildcards");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    /// What people type is data in every list, never a part of the statement.
    #[test]
    fn no_text_breaks_a_search(text in "\\PC{0,40}") {
        let query = "query($text: String!, $prefix: String!) {
            searchProducts(query: $text) { totalCount } tags(prefix: $prefix) { totalCount } }";
        let (runtime, shop) = &*SHOP;
        runtime.block_on(shop.ask(None, query, json!({"text": text, "prefix": text}))).fine();
    }
}

/// One shop for all cases, and the runtime that its connections belong to.
static SHOP: LazyLock<(Runtime, Shop)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let shop = runtime.block_on(Shop::open());
    (runtime, shop)
});
