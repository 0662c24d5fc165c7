//! Suggestions, facets, bad questions, and similar products.

use kernel::{AccountId, Currency, Money, ProductId};
use serde_json::{Value, json};

use crate::{
    indexing::Indexed,
    shop::{Shop, category},
};

async fn suggested(shop: &Shop, prefix: &str) -> Vec<(String, String)> {
    let query = "query($prefix: String!) { searchSuggestions(prefix: $prefix) { text kind slug } }";
    let data = shop.ask(None, query, json!({ "prefix": prefix })).await.fine();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = data["searchSuggestions"].as_array().unwrap();
    list.iter().map(|one| (text(&one["kind"]), text(&one["text"]))).collect()
}

#[tokio::test]
async fn suggestions_begin_as_typed_and_forgive_a_slip() {
    let shop = Shop::open().await;
    category(&shop.db, None, "Áo khoác").await;
    for name in ["Áo thun đen", "Wireless mouse", "Wired mouse", "100% wool_sock"] {
        shop.product_like(AccountId::new(), name, |new| new.draft.tags = vec!["wireless".to_owned()]).await;
    }
    let pair = |kind: &str, text: &str| (kind.to_owned(), text.to_owned());
    assert_eq!(suggested(&shop, "ao").await, [pair("CATEGORY", "Áo khoác"), pair("PRODUCT", "Áo thun đen")]);
    assert_eq!(suggested(&shop, "WIRELES").await, [pair("TAG", "wireless"), pair("PRODUCT", "Wireless mouse")]);
    assert_eq!(suggested(&shop, "mou").await, [pair("PRODUCT", "Wired mouse"), pair("PRODUCT", "Wireless mouse")]);
    assert_eq!(suggested(&shop, "wirelss mouse").await[0], pair("PRODUCT", "Wireless mouse"));
    assert_eq!(suggested(&shop, "100%").await, [pair("PRODUCT", "100% wool_sock")]);
    for nothing in ["", " ", "%", "_", "\\", "'", "qqqq"] {
        assert!(suggested(&shop, nothing).await.is_empty(), "{nothing}");
    }
    let query = "query($first: Int!) { searchSuggestions(prefix: \"a\", first: $first) { text } }";
    assert_eq!(shop.ask(None, query, json!({"first": 21})).await.code(), "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_count_what_was_found_in_every_mode() {
    let indexed = Indexed::open_with(None).await;
    let deeper = category(&indexed.shop.db, Some(indexed.shop.category_id), "Deeper").await;
    for number in 0..6 {
        let change = |new: &mut catalog::store::product::NewProduct| {
            new.draft.tags = vec![["red", "green"][number % 2].to_owned()];
            new.skus[0].1.price = Money::new(100 * (1 + i64::try_from(number).unwrap()), Currency::USD);
            if number < 4 {
                new.draft.category_id = deeper;
            }
        };
        let id = indexed.shop.product_like(indexed.seller, &format!("Cup {number}"), change).await;
        if number < 2 {
            indexed.shop.review(id, 4).await;
        }
    }
    let query = "{ searchProducts(query: \"cup\", first: 1) { mode facets { categories { category { name } count }
        tags { tag count } ratings { starsMin count } prices { min { amountMinor } max { amountMinor } count } } } }";
    let expected = json!({
        "categories": [{"category": {"name": "Deeper"}, "count": 4}, {"category": {"name": "Things"}, "count": 2}],
        "tags": [{"tag": "green", "count": 3}, {"tag": "red", "count": 3}],
        "ratings": [{"starsMin": 4, "count": 2}, {"starsMin": 3, "count": 2}, {"starsMin": 2, "count": 2},
                    {"starsMin": 1, "count": 2}],
        "prices": [{"min": {"amountMinor": "100"}, "max": {"amountMinor": "600"}, "count": 6}],
    });
    for mode in ["DATABASE", "TEXT"] {
        let found = indexed.shop.ask(None, query, json!({})).await.fine()["searchProducts"].clone();
        assert_eq!((found["mode"].as_str(), &found["facets"]), (Some(mode), &expected));
        indexed.follow().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strange_question_gets_an_answer() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    for query in [
        "a",
        "the and of",
        "😀",
        "\"unbalanced",
        "mouse AND (NOT",
        "name:mouse^2 +x -y ~ * ?",
        "';--",
        "\\",
        "%",
        "\u{301}",
    ] {
        indexed.found(json!({ "query": query })).await;
    }
    assert_eq!(indexed.found(json!({"query": ""})).await["mode"], "DATABASE");
    let search = "query($query: String!, $first: Int) { searchProducts(query: $query, first: $first) { mode } }";
    let long = indexed.shop.ask(None, search, json!({"query": "x".repeat(10_000)})).await;
    assert_eq!(long.code(), "BAD_USER_INPUT");
    assert_eq!(indexed.shop.ask(None, search, json!({"query": "x", "first": 101})).await.code(), "BAD_USER_INPUT");
}

async fn similar(shop: &Shop, id: ProductId) -> Vec<String> {
    let query = "query($id: ID!) { product(id: $id) { similarProducts(first: 2) { name } } }";
    let data = shop.ask(None, query, json!({ "id": id })).await.fine();
    let list = data["product"]["similarProducts"].as_array().unwrap().clone();
    list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn similar_products_are_near_in_meaning_and_of_the_category_where_there_is_none() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    let couch = indexed.shop.product(indexed.seller, "Corner couch with cushions").await;
    assert_eq!(similar(&indexed.shop, couch).await.len(), 2, "from its category, before it has a vector");
    indexed.follow().await;
    assert_eq!(similar(&indexed.shop, couch).await[0], "Leather sofa");
}
