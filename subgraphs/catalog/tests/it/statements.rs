//! How many SQL statements a request takes, which must not grow with what it lists.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use kernel::{AccountId, ProductId};
use serde_json::json;
use service_kit::ModuleName;
use test_kit::TestDatabase;

use crate::shop::{Shop, category};

/// A shop whose statements are counted.
async fn counted() -> (Shop, Arc<AtomicUsize>) {
    let mut db = TestDatabase::create().await.connect(ModuleName::Catalog).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    db.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    (Shop::open_with(db).await, count)
}

/// Twenty products, each in a category and of a seller of its own, with reviews and replies.
async fn fill(shop: &Shop) -> Vec<ProductId> {
    let mut ids = Vec::new();
    for number in 0..20 {
        let category_id = category(&shop.db, Some(shop.category_id), &format!("c{number}")).await;
        let seller = AccountId::new();
        let id =
            shop.product_like(seller, &format!("Product {number}"), |new| new.draft.category_id = category_id).await;
        let review = shop.review(id, 5).await;
        shop.review(id, 3).await;
        let reply = "mutation($id: ID!) {
            replyToComment(input: {commentId: $id, body: \"Thanks\", idempotencyKey: \"k\"}) { reply { id } } }";
        shop.ask(Some(seller), reply, json!({ "id": review })).await.fine();
        ids.push(id);
    }
    ids
}

async fn statements(shop: &Shop, count: &AtomicUsize, query: &str, variables: serde_json::Value) -> usize {
    let before = count.load(Ordering::Relaxed);
    shop.ask(Some(AccountId::new()), query, variables).await.fine();
    count.load(Ordering::Relaxed) - before
}

/// Asserts that what `added` more entries cost is less than a statement each.
///
/// The counts are rarely equal: a loader's batch closes by the clock, so a busy machine splits one now and then.
fn assert_batched(few: usize, many: usize, added: usize) {
    assert!(few > 2, "the statements are counted: {few}");
    assert!(many < few + added, "{added} more entries took {many} statements instead of {few}");
}

const CARDS: &str = "query($first: Int!) { products(first: $first) { totalCount edges { node {
    id slug name seller { id } category { name path { name } }
    featuredSku { id price { amountMinor currency } productId sellerId categoryPath }
    skus { label price { amountMinor } product { name } }
    rating { count average }
    reviews(first: 2) { totalCount edges { node { rating body viewerVote product { name }
        replies(first: 1) { edges { node { body parent { body } } } } } } }
} } } }";

#[tokio::test]
async fn product_cards_take_as_many_statements_for_twenty_as_for_five() {
    let (shop, count) = counted().await;
    fill(&shop).await;
    let five = statements(&shop, &count, CARDS, json!({"first": 5})).await;
    let twenty = statements(&shop, &count, CARDS, json!({"first": 20})).await;
    assert_batched(five, twenty, 15);
}

#[tokio::test]
async fn a_search_takes_as_many_statements_for_twenty_as_for_five() {
    let (shop, count) = counted().await;
    fill(&shop).await;
    let query = "query($first: Int!) { searchProducts(query: \"product\", first: $first) { totalCount edges { node {
        name featuredSku { price { amountMinor } } rating { average } category { name } } } } }";
    let five = statements(&shop, &count, query, json!({"first": 5})).await;
    let twenty = statements(&shop, &count, query, json!({"first": 20})).await;
    assert_batched(five, twenty, 15);
}

#[tokio::test]
async fn the_home_page_takes_as_many_statements_for_all_categories_as_for_one() {
    let (shop, count) = counted().await;
    let one = "{ categories { products(first: 3) { totalCount edges { node { name } } } children { name } } }";
    let lone = statements(&shop, &count, one, json!({})).await;
    for name in ["Second", "Third", "Fourth"] {
        category(&shop.db, None, name).await;
    }
    fill(&shop).await;
    // Empty lists load no products: one statement fewer.
    assert_batched(lone + 1, statements(&shop, &count, one, json!({})).await, 3);
}

#[tokio::test]
async fn entities_are_resolved_together() {
    let (shop, count) = counted().await;
    let ids = fill(&shop).await;
    let query = "query($of: [_Any!]!) { _entities(representations: $of) {
        ... on Product { name seller { products(first: 2) { edges { node { name } } } } } } }";
    let of = |ids: &[ProductId]| {
        let of: Vec<_> = ids.iter().map(|id| json!({"__typename": "Product", "id": id})).collect();
        json!({ "of": of })
    };
    let five = statements(&shop, &count, query, of(&ids[..5])).await;
    assert_batched(five, statements(&shop, &count, query, of(&ids)).await, 15);
}
