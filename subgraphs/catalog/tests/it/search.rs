//! Search by the database.

use kernel::{AccountId, Currency, Money};
use serde_json::{Value, json};

use crate::shop::Shop;

const SEARCH: &str = "query($query: String!, $filter: ProductFilterInput, $sort: SearchSort! = RELEVANCE, $first: Int,
        $after: String) {
    searchProducts(query: $query, filter: $filter, sort: $sort, first: $first, after: $after) {
        mode totalCount edges { node { name } } pageInfo { hasNextPage endCursor } } }";

async fn shop_with_goods() -> Shop {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let goods = [
        ("Wireless mouse", "A silent mouse with two batteries", 2500),
        ("Wired mouse", "Plugs in", 900),
        ("Mouse pad", "Soft", 400),
        ("Áo thun đen", "Áo cotton cho mùa hè", 1500),
        ("Running shoes", "For runners", 7000),
    ];
    for (name, description, price_minor) in goods {
        shop.product_like(seller, name, |new| {
            new.draft.description = description.to_owned();
            new.skus[0].1.price = Money::new(price_minor, Currency::USD);
        })
        .await;
    }
    shop
}

fn names(data: &Value) -> Vec<String> {
    let edges = data["searchProducts"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect()
}

async fn found(shop: &Shop, query: &str) -> Vec<String> {
    names(&shop.ask(None, SEARCH, json!({ "query": query })).await.fine())
}

#[tokio::test]
async fn words_are_found_in_any_order_and_form_with_and_without_accents() {
    let shop = shop_with_goods().await;
    assert_eq!(found(&shop, "mouse wireless").await[0], "Wireless mouse");
    assert_eq!(found(&shop, "batteries").await, ["Wireless mouse"], "the description counts");
    assert_eq!(found(&shop, "run shoe").await, ["Running shoes"], "word forms count alike");
    assert_eq!(found(&shop, "ao thun den").await, ["Áo thun đen"]);
    assert_eq!(found(&shop, "ÁO THUN").await, ["Áo thun đen"]);
    assert!(found(&shop, "bicycle").await.is_empty());
}

#[tokio::test]
async fn a_name_typed_almost_rightly_is_found() {
    let shop = shop_with_goods().await;
    assert_eq!(found(&shop, "wireles mouse").await[0], "Wireless mouse");
    assert_eq!(found(&shop, "runing shoes").await, ["Running shoes"]);
}

#[tokio::test]
async fn the_answer_says_who_answered_and_pages_like_every_list() {
    let shop = shop_with_goods().await;
    let whole = shop.ask(None, SEARCH, json!({"query": "mouse"})).await.fine();
    assert_eq!(whole["searchProducts"]["mode"], "DATABASE");
    assert_eq!(whole["searchProducts"]["totalCount"], 3);
    for sort in ["RELEVANCE", "NEWEST", "PRICE_ASCENDING", "PRICE_DESCENDING", "RATING"] {
        let whole = shop.ask(None, SEARCH, json!({"query": "mouse", "sort": sort})).await.fine();
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        for _ in 0..3 {
            let variables = json!({"query": "mouse", "sort": sort, "first": 1, "after": after});
            let page = shop.ask(None, SEARCH, variables).await.fine();
            paged.extend(names(&page));
            after = page["searchProducts"]["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(paged, names(&whole), "{sort}");
    }
}

#[tokio::test]
async fn filters_and_orders_apply_to_a_search_and_no_text_finds_everything() {
    let shop = shop_with_goods().await;
    let filter = json!({"priceMax": {"amountMinor": 900, "currency": "USD"}});
    let variables = json!({"query": "mouse", "filter": filter, "sort": "PRICE_ASCENDING"});
    assert_eq!(names(&shop.ask(None, SEARCH, variables).await.fine()), ["Mouse pad", "Wired mouse"]);
    let everything = found(&shop, "  ").await;
    assert_eq!((everything.len(), everything[0].as_str()), (5, "Running shoes"), "the newest first");
    let reply = shop.ask(None, SEARCH, json!({"query": "x".repeat(201)})).await;
    assert_eq!(reply.code(), "BAD_USER_INPUT");
}
