//! What is recommended to an account: like what it likes, not what it has, and never one seller all the time.

use std::collections::HashSet;

use catalog::{
    recommend::{RecommendationSource, feed_make},
    store::{
        index::stock_note,
        product::product_set_enabled,
        recommendation::{popular_list, popular_replace, settled_note},
        sku::sku_list_by_products,
    },
};
use contracts::{
    analytic::{Liking, Taste},
    inventory::SkuAvailability,
};
use entities::catalog::product;
use kernel::{AccountId, ProductId};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    indexing::{Indexed, names},
    shop::Shop,
};

const RECOMMENDED: &str = "query($first: Int, $after: String) { recommendedProducts(first: $first, after: $after) {
        source edges { source cursor node { id name } } pageInfo { hasNextPage endCursor } } }";

fn taste(liked: &[(ProductId, i64)], settled: &[ProductId]) -> Taste {
    let liking =
        |(product_id, weight_milli): &(ProductId, i64)| Liking { product_id: *product_id, weight_milli: *weight_milli };
    Taste { liked: liked.iter().map(liking).collect(), settled: settled.to_vec() }
}

async fn recommended(shop: &Shop, viewer: AccountId, variables: Value) -> Value {
    shop.ask(Some(viewer), RECOMMENDED, variables).await.fine()["recommendedProducts"].clone()
}

/// The names of a feed's personal entries, in order.
async fn personal(indexed: &Indexed, account: AccountId, taste: &Taste) -> Vec<String> {
    let db = &indexed.shop.db;
    let feed = feed_make(db, Some(&indexed.search), account, taste, 1).await.unwrap();
    let mut names = Vec::new();
    for (id, source) in feed.entries {
        if source == RecommendationSource::Personal {
            names.push(product::Entity::find_by_id(id).one(db).await.unwrap().unwrap().name);
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_like_the_liked_comes_first_and_what_is_settled_never() {
    let indexed = Indexed::open().await;
    indexed.stock_up().await;
    let named = |name: &'static str| indexed.shop.product(AccountId::new(), name);
    let sandals = named("Trail running sandals").await;
    let boots = named("Jogging shoes for the marathon").await;
    let couch = named("Couch of leather for the living room").await;
    indexed.follow().await;
    let account = AccountId::new();
    let found = personal(&indexed, account, &taste(&[(sandals, 900)], &[])).await;
    let first: HashSet<&str> = found[..2].iter().map(String::as_str).collect();
    assert_eq!(first, HashSet::from(["Running shoes", "Jogging shoes for the marathon"]), "{found:?}");
    assert!(!found.contains(&"Trail running sandals".to_owned()), "it knows that one");

    let both = personal(&indexed, account, &taste(&[(sandals, 900), (couch, 800)], &[])).await;
    assert!(both[..3].contains(&"Leather sofa".to_owned()), "nothing between shoes and sofas: {both:?}");

    settled_note(&indexed.shop.db, account, &[boots]).await.unwrap();
    settled_note(&indexed.shop.db, account, &[boots]).await.unwrap();
    let found = personal(&indexed, account, &taste(&[(sandals, 900)], &[])).await;
    assert_eq!(found[0], "Running shoes");
    assert!(!found.contains(&"Jogging shoes for the marathon".to_owned()), "{found:?}");
    let own = personal(&indexed, indexed.seller, &taste(&[(sandals, 900)], &[])).await;
    assert!(!own.contains(&"Running shoes".to_owned()), "nobody is offered what it sells: {own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_vectors_the_liked_categories_tell() {
    let indexed = Indexed::open_with(None).await;
    indexed.stock_up().await;
    let liked = indexed.shop.product(AccountId::new(), "Stool").await;
    indexed.follow().await;
    let found = personal(&indexed, AccountId::new(), &taste(&[(liked, 300)], &[])).await;
    assert!(found.len() == 7 && !found.contains(&"Stool".to_owned()), "{found:?}");
}

#[tokio::test]
async fn a_new_account_is_shown_what_trends_then_what_sells_and_then_what_is_rated_well() {
    let shop = Shop::open().await;
    let [seller, other, viewer] = [(); 3].map(|()| AccountId::new());
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(shop.product(if number % 2 == 0 { seller } else { other }, &format!("Thing {number}")).await);
    }
    shop.review(ids[5], 5).await;
    popular_replace(&shop.db, &[ids[0], ids[1], ids[2]], &[ids[0]]).await.unwrap();
    popular_replace(&shop.db, &[ids[3], ProductId::new(), ids[1]], &[ids[3], ids[4]]).await.unwrap();
    let found = recommended(&shop, viewer, json!({})).await;
    assert_eq!(found["source"], "TRENDING");
    assert_eq!(names(&found)[..4], ["Thing 3", "Thing 1", "Thing 4", "Thing 5"]);
    assert_eq!(names(&found).len(), 6);
    let sources: Vec<&Value> = (1..4).map(|place| &found["edges"][place]["source"]).collect();
    assert_eq!(sources, ["TRENDING", "MOST_SOLD", "TOP_RATED"]);

    // Bought, sold out, withdrawn, its own: none of these is offered.
    settled_note(&shop.db, viewer, &[ids[3]]).await.unwrap();
    let skus = sku_list_by_products(&shop.db, &[ids[1]]).await.unwrap();
    let sold_out = SkuAvailability { sku_id: skus[0].id, in_stock: false, changed_micros: 0 };
    stock_note(&shop.db, &[sold_out]).await.unwrap();
    product_set_enabled(&shop.db, other, ids[5], false).await.unwrap().unwrap();
    let found = names(&recommended(&shop, viewer, json!({})).await);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 3, "{found:?}");
    assert!(found.iter().all(|name| ["Thing 0", "Thing 2", "Thing 4"].contains(&name.as_str())), "{found:?}");
    let found = recommended(&shop, seller, json!({})).await;
    assert_eq!(names(&found), ["Thing 3"], "{found}");
}

#[tokio::test]
async fn pages_follow_one_another_and_a_stranger_is_refused() {
    let shop = Shop::open().await;
    let viewer = AccountId::new();
    for number in 0..7 {
        shop.product(AccountId::new(), &format!("Thing {number}")).await;
    }
    let whole = names(&recommended(&shop, viewer, json!({"first": 100})).await);
    let (mut paged, mut after) = (Vec::new(), Value::Null);
    loop {
        let found = recommended(&shop, viewer, json!({"first": 3, "after": after})).await;
        paged.extend(names(&found));
        after = found["pageInfo"]["endCursor"].clone();
        if found["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert_eq!((paged.len(), paged), (7, whole));
    assert_eq!(shop.ask(None, RECOMMENDED, json!({})).await.code(), "UNAUTHENTICATED");
    assert_eq!(shop.ask(Some(viewer), RECOMMENDED, json!({"first": 0})).await.code(), "BAD_USER_INPUT");
    assert_eq!(shop.ask(Some(viewer), RECOMMENDED, json!({"after": "x"})).await.code(), "BAD_USER_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_writers_of_trends_leave_one_whole_list() {
    let shop = Shop::open().await;
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(shop.product(AccountId::new(), &format!("Thing {number}")).await);
    }
    let tasks: Vec<_> = (0..8)
        .map(|start| {
            let (db, mut list) = (shop.db.clone(), ids.clone());
            list.rotate_left(start);
            list.truncate(4);
            tokio::spawn(async move { popular_replace(&db, &list, &list).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let popular = popular_list(&shop.db, 10).await.unwrap();
    let trends: Vec<ProductId> = popular.into_iter().filter(|one| one.by == "trending").map(|one| one.id).collect();
    let start = ids.iter().position(|id| *id == trends[0]).unwrap();
    let expected: Vec<ProductId> = (0..4).map(|place| ids[(start + place) % ids.len()]).collect();
    assert_eq!(trends, expected);
}
