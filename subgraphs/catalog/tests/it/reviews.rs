//! Reviews, replies and votes.

use catalog::store::comment::{item_without_review, review_insert};
use entities::catalog::product_index;
use kernel::{AccountId, CommentId, OrderItemId, ProductId};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::shop::{Shop, new_review};

const RATING: &str = "query($id: ID!) { product(id: $id) { rating { count average histogram { stars count } } } }";
const VOTE: &str = "mutation($id: ID!, $vote: CommentVote) { voteOnComment(input: {commentId: $id, vote: $vote}) {
    comment { upvotes downvotes viewerVote } userErrors { code field } } }";
const REPLY: &str = "mutation($id: ID!, $body: String!, $key: String!) {
    replyToComment(input: {commentId: $id, body: $body, idempotencyKey: $key}) {
        reply { id body rating parent { replyCount } } userErrors { code field } } }";

async fn rating(shop: &Shop, id: ProductId) -> Value {
    shop.ask(None, RATING, json!({ "id": id })).await.fine()["product"]["rating"].clone()
}

#[tokio::test]
async fn ratings_are_counted_with_their_reviews() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let none = rating(&shop, id).await;
    assert_eq!((&none["count"], &none["average"]), (&json!(0), &Value::Null));
    for stars in [5, 4, 4, 1] {
        shop.review(id, stars).await;
    }
    let histogram =
        [(5, 1), (4, 2), (3, 0), (2, 0), (1, 1)].map(|(stars, count)| json!({"stars": stars, "count": count}));
    assert_eq!(rating(&shop, id).await, json!({"count": 4, "average": 3.5, "histogram": histogram}));
    let versions = product_index::Entity::find_by_id(id).one(&shop.db).await.unwrap().unwrap();
    assert_eq!((versions.facts_version, versions.text_version), (5, 1), "search shows the rating");
}

#[tokio::test]
async fn an_item_has_one_review_however_many_write_at_once() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let item = OrderItemId::new();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (db, review) = (shop.db.clone(), new_review(id, 5, item));
        writers.spawn(async move { review_insert(&db, &review).await.unwrap() });
    }
    let written = writers.join_all().await.into_iter().filter(|written| *written).count();
    assert_eq!(written, 1);
    assert_eq!(rating(&shop, id).await["count"], 1);
}

#[tokio::test]
async fn writing_a_review_twice_counts_it_once() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let review = new_review(id, 5, OrderItemId::new());
    assert!(review_insert(&shop.db, &review).await.unwrap());
    assert!(review_insert(&shop.db, &review).await.unwrap(), "the review stands, as the first time");
    assert_eq!(rating(&shop, id).await["count"], 1);
}

#[tokio::test]
async fn the_first_item_without_a_review_is_chosen() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let items = [OrderItemId::new(), OrderItemId::new()];
    assert_eq!(item_without_review(&shop.db, &items).await.unwrap(), Some(items[0]));
    review_insert(&shop.db, &new_review(id, 5, items[0])).await.unwrap();
    assert_eq!(item_without_review(&shop.db, &items).await.unwrap(), Some(items[1]));
    review_insert(&shop.db, &new_review(id, 5, items[1])).await.unwrap();
    assert_eq!(item_without_review(&shop.db, &items).await.unwrap(), None);
}

#[tokio::test]
async fn an_account_has_one_vote_which_it_may_change_and_take_back() {
    let shop = Shop::open().await;
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let id = shop.review(product_id, 5).await;
    let voter = Some(AccountId::new());
    for (vote, expected) in [
        (json!("UP"), json!({"upvotes": 1, "downvotes": 0, "viewerVote": "UP"})),
        (json!("UP"), json!({"upvotes": 1, "downvotes": 0, "viewerVote": "UP"})),
        (json!("DOWN"), json!({"upvotes": 0, "downvotes": 1, "viewerVote": "DOWN"})),
        (Value::Null, json!({"upvotes": 0, "downvotes": 0, "viewerVote": null})),
    ] {
        let data = shop.ask(voter, VOTE, json!({"id": id, "vote": vote})).await.fine();
        assert_eq!(data["voteOnComment"]["comment"], expected);
    }
    assert_eq!(shop.ask(None, VOTE, json!({"id": id, "vote": "UP"})).await.code(), "UNAUTHENTICATED");
    let missing = shop.ask(voter, VOTE, json!({"id": CommentId::new(), "vote": "UP"})).await;
    assert_eq!(missing.user_errors(), [("COMMENT_NOT_FOUND".to_owned(), "commentId".to_owned())]);
}

#[tokio::test]
async fn votes_at_the_same_time_are_all_counted() {
    let shop = std::sync::Arc::new(Shop::open().await);
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let id = shop.review(product_id, 5).await;
    let mut voters = tokio::task::JoinSet::new();
    for number in 0..20 {
        let shop = shop.clone();
        let vote = if number % 4 == 0 { "DOWN" } else { "UP" };
        voters
            .spawn(async move { shop.ask(Some(AccountId::new()), VOTE, json!({"id": id, "vote": vote})).await.fine() });
    }
    voters.join_all().await;
    let query = "query($id: ID!) { product(id: $id) { reviews { edges { node { upvotes downvotes } } } } }";
    let data = shop.ask(None, query, json!({ "id": product_id })).await.fine();
    assert_eq!(data["product"]["reviews"]["edges"][0]["node"], json!({"upvotes": 15, "downvotes": 5}));
}

#[tokio::test]
async fn nobody_votes_on_a_comment_of_their_own() {
    let shop = Shop::open().await;
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let review = new_review(product_id, 5, OrderItemId::new());
    review_insert(&shop.db, &review).await.unwrap();
    let reply = shop.ask(Some(review.author_id), VOTE, json!({"id": review.id, "vote": "UP"})).await;
    assert_eq!(reply.user_errors(), [("OWN_COMMENT".to_owned(), "commentId".to_owned())]);
}

#[tokio::test]
async fn a_reply_stands_below_its_comment_once_for_each_key() {
    let shop = Shop::open().await;
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let id = shop.review(product_id, 5).await;
    let author = Some(AccountId::new());
    let variables = json!({"id": id, "body": " Thank you! ", "key": "k"});
    let first = shop.ask(author, REPLY, variables.clone()).await.fine();
    let again = shop.ask(author, REPLY, variables.clone()).await.fine();
    assert_eq!(first, again);
    let reply = &first["replyToComment"]["reply"];
    assert_eq!((&reply["body"], &reply["rating"]), (&json!("Thank you!"), &Value::Null));
    assert_eq!(reply["parent"]["replyCount"], 1);
    shop.ask(author, REPLY, json!({"id": reply["id"], "body": "Once more", "key": "l"})).await.fine();
    let thread = "query($id: ID!) { product(id: $id) { reviews { totalCount edges { node {
        replies { totalCount edges { node { body replies { edges { node { body } } } } } } } } } } }";
    let data = shop.ask(None, thread, json!({ "id": product_id })).await.fine();
    let replies = json!({"totalCount": 1, "edges": [{"node": {"body": "Thank you!", "replies": {"edges": [
        {"node": {"body": "Once more"}}]}}}]});
    assert_eq!(data["product"]["reviews"], json!({"totalCount": 1, "edges": [{"node": {"replies": replies}}]}));
    let empty = shop.ask(author, REPLY, json!({"id": id, "body": " ", "key": "m"})).await;
    assert_eq!(empty.user_errors(), [("TEXT_INVALID".to_owned(), "body".to_owned())]);
    assert_eq!(shop.ask(None, REPLY, variables).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn reviews_are_sorted_by_votes_or_by_time_and_paged() {
    let shop = Shop::open().await;
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let mut ids = Vec::new();
    for stars in [1, 2, 3, 4, 5] {
        ids.push(shop.review(product_id, stars).await);
    }
    for (id, vote) in [(ids[1], "UP"), (ids[3], "DOWN")] {
        shop.ask(Some(AccountId::new()), VOTE, json!({"id": id, "vote": vote})).await.fine();
    }
    let query = "query($id: ID!, $sort: ReviewSort!, $first: Int, $after: String) { product(id: $id) {
        reviews(sort: $sort, first: $first, after: $after) { edges { node { rating } } pageInfo { endCursor } } } }";
    for (sort, expected) in [("TOP", [2, 5, 3, 1, 4]), ("NEWEST", [5, 4, 3, 2, 1])] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        for _ in 0..5 {
            let variables = json!({"id": product_id, "sort": sort, "first": 1, "after": after});
            let reviews = shop.ask(None, query, variables).await.fine()["product"]["reviews"].clone();
            seen.push(reviews["edges"][0]["node"]["rating"].as_i64().unwrap());
            after = reviews["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen, expected, "{sort}");
    }
    let stars = "query($id: ID!) { product(id: $id) { reviews(rating: 4) { totalCount } } }";
    assert_eq!(shop.ask(None, stars, json!({ "id": product_id })).await.fine()["product"]["reviews"]["totalCount"], 1);
}

#[tokio::test]
async fn a_review_that_breaks_a_rule_is_refused_by_field() {
    let shop = Shop::open().await;
    let product_id = shop.product(AccountId::new(), "Cup").await;
    let create = "mutation($input: CreateReviewInput!) { createReview(input: $input) {
        review { id } userErrors { code field } } }";
    let image = ProductId::new();
    let input = json!({"productId": product_id, "rating": 6, "body": "x".repeat(5001), "imageIds": [image, image],
        "idempotencyKey": "k"});
    let reply = shop.ask(Some(AccountId::new()), create, json!({ "input": input })).await;
    let expected = [("RATING_INVALID", "rating"), ("TEXT_INVALID", "body"), ("DUPLICATE", "imageIds")];
    assert_eq!(reply.user_errors(), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
    for rating in [i32::MIN, -1, 0, 6, i32::MAX] {
        let input = json!({"productId": product_id, "rating": rating, "idempotencyKey": "k"});
        let reply = shop.ask(Some(AccountId::new()), create, json!({ "input": input })).await;
        assert_eq!(reply.user_errors(), [("RATING_INVALID".to_owned(), "rating".to_owned())], "{rating}");
    }
    assert_eq!(shop.ask(None, create, json!({ "input": input })).await.code(), "UNAUTHENTICATED");
}
