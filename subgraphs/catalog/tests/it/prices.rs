//! Many prices at once, and what a seller has to show.

use kernel::{AccountId, Currency, Money, SkuId};
use serde_json::{Value, json};

use crate::shop::Shop;

const CHANGE: &str = "mutation($input: ChangePricesInput!) { changePrices(input: $input) {
    skus { id price { amountMinor } } userErrors { code field } } }";

fn change(sku: impl Into<Value>, minor: i64, currency: &str) -> Value {
    json!({"skuId": sku.into(), "price": {"amountMinor": minor.to_string(), "currency": currency}})
}

async fn skus(shop: &Shop, seller: AccountId, count: usize) -> Vec<Value> {
    let mut skus = Vec::new();
    for number in 0..count {
        let id = shop.product(seller, &format!("Cup {number}")).await;
        let query = "query($id: ID!) { product(id: $id) { featuredSku { id } } }";
        let data = shop.ask(None, query, json!({ "id": id })).await.fine();
        skus.push(data["product"]["featuredSku"]["id"].clone());
    }
    skus
}

#[tokio::test]
async fn many_prices_change_together_and_lists_sort_by_them() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let skus = skus(&shop, seller, 3).await;
    let changes: Vec<Value> =
        skus.iter().zip([300, 100, 200]).map(|(sku, minor)| change(sku.clone(), minor, "USD")).collect();
    let data = shop.ask(Some(seller), CHANGE, json!({"input": {"changes": changes}})).await.fine();
    let prices: Vec<&Value> =
        data["changePrices"]["skus"].as_array().unwrap().iter().map(|sku| &sku["price"]["amountMinor"]).collect();
    assert_eq!(prices, [&json!("300"), &json!("100"), &json!("200")]);
    let cheap = "{ products(sort: PRICE_ASCENDING) { edges { node { name } } } }";
    let data = shop.ask(None, cheap, json!({})).await.fine();
    let names: Vec<&Value> =
        data["products"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]["name"]).collect();
    assert_eq!(names, [&json!("Cup 1"), &json!("Cup 2"), &json!("Cup 0")]);
}

#[tokio::test]
async fn nothing_changes_when_something_is_wrong_with_one_of_them() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let skus = skus(&shop, seller, 2).await;
    let fine = change(skus[0].clone(), 700, "USD");
    let error = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
    let many: Vec<Value> = (0..201).map(|_| change(json!(SkuId::new()), 5, "USD")).collect();
    let cases = [
        (json!([]), error("LIST_TOO_LONG", "changes")),
        (json!(many), error("LIST_TOO_LONG", "changes")),
        (json!([fine, change(skus[1].clone(), 0, "USD")]), error("PRICE_INVALID", "changes.1.price.amountMinor")),
        (json!([fine, change(skus[1].clone(), 5, "VND")]), error("CURRENCY_MIXED", "changes.1.price.currency")),
        (json!([fine, change(json!(SkuId::new()), 5, "USD")]), error("SKU_NOT_FOUND", "changes.1.skuId")),
        (json!([fine, fine]), error("DUPLICATE", "changes.1.skuId")),
    ];
    for (changes, expected) in cases {
        let refused = shop.ask(Some(seller), CHANGE, json!({"input": {"changes": changes}})).await;
        assert_eq!(refused.user_errors(), expected);
    }
    let one = json!({"input": {"changes": [fine]}});
    assert_eq!(shop.ask(None, CHANGE, one.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(shop.ask(Some(AccountId::new()), CHANGE, one).await.code(), "FORBIDDEN");
    let query = "query($price: MoneyInput!) { products(filter: {priceMin: $price}) { totalCount } }";
    let dear = json!({"price": {"amountMinor": "700", "currency": "USD"}});
    assert_eq!(shop.ask(None, query, dear).await.fine()["products"]["totalCount"], 2, "the prices of before: 1000");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_same_prices_at_once_do_not_wait_for_each_other_in_a_circle() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let skus = skus(&shop, seller, 10).await;
    let changes = (1..=20_i64).map(|round| {
        let mut order = skus.clone();
        if round % 2 == 0 {
            order.reverse();
        }
        let changes: Vec<Value> = order.into_iter().map(|sku| change(sku, round, "USD")).collect();
        shop.ask(Some(seller), CHANGE, json!({"input": {"changes": changes}}))
    });
    for reply in futures::future::join_all(changes).await {
        assert!(reply.user_errors().is_empty());
    }
    let prices = "{ products(first: 20) { edges { node { featuredSku { price { amountMinor } } } } } }";
    let data = shop.ask(None, prices, json!({})).await.fine();
    let mut prices: Vec<String> =
        data["products"]["edges"].as_array().unwrap().iter().map(ToString::to_string).collect();
    prices.dedup();
    assert_eq!(prices.len(), 1, "one change came last, and all of it: {prices:?}");
}

#[tokio::test]
async fn a_seller_shows_how_much_it_offers_and_how_well_it_is_rated() {
    let shop = Shop::open().await;
    let (seller, other) = (AccountId::new(), AccountId::new());
    let cup = shop.product(seller, "Cup").await;
    let plate = shop.product_like(seller, "Plate", |new| new.skus[0].1.price = Money::new(500, Currency::USD)).await;
    for (product, stars) in [(cup, 5), (cup, 4), (plate, 3)] {
        shop.review(product, stars).await;
    }
    let query = "query($accounts: [_Any!]!) { _entities(representations: $accounts) { ... on Account {
        sellerStatistics { productCount reviewCount averageRating } } } }";
    let accounts = [seller, other].map(|id| json!({"__typename": "Account", "id": id}));
    let data = shop.ask(None, query, json!({ "accounts": accounts })).await.fine();
    let statistics = |products: i32, reviews: i32, average: Value| json!({"sellerStatistics": {"productCount": products, "reviewCount": reviews, "averageRating": average}});
    assert_eq!(data["_entities"], json!([statistics(2, 3, json!(4.0)), statistics(0, 0, Value::Null)]));
}
