//! Editing comments, answering them, reporting them, and taking them down.

use catalog::store::comment::{NewReview, review_insert};
use kernel::{AccountId, CommentId, OrderItemId, ProductId, ReportId};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::shop::{Shop, new_review, viewer_of};

const EDIT: &str = "mutation($input: EditCommentInput!) { editComment(input: $input) {
    comment { rating body editedAt revisions { rating body } } userErrors { code field } } }";
const REPORT: &str = "mutation($input: ReportCommentInput!) { reportComment(input: $input) {
    report { id reason details resolvedAt decision } userErrors { code field } } }";
const DECIDE: &str = "mutation($input: DecideCommentReportInput!) { decideCommentReport(input: $input) {
    report { decision comment { id } resolvedBy { id } } userErrors { code field } } }";
const QUEUE: &str = "query($openOnly: Boolean!, $first: Int, $after: String) {
    commentReports(openOnly: $openOnly, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { id comment { body } reporter { id } } } } }";
const PAGE: &str = "query($id: ID!) { product(id: $id) { rating { count average }
    reviews { totalCount edges { node { id body replyCount sellerAnswer { body bySeller } replies { totalCount } } } } } }";
const REPLY: &str = "mutation($id: ID!, $key: String!) {
    replyToComment(input: {commentId: $id, body: \"Thank you\", idempotencyKey: $key}) {
        reply { id bySeller } userErrors { code field } } }";

async fn page(shop: &Shop, id: ProductId) -> Value {
    shop.ask(None, PAGE, json!({ "id": id })).await.fine()["product"].clone()
}

/// A review and who wrote it.
async fn reviewed(shop: &Shop, product_id: ProductId, stars: i16) -> (CommentId, AccountId) {
    let review: NewReview = new_review(product_id, stars, OrderItemId::new());
    assert!(review_insert(&shop.db, &review).await.unwrap());
    (review.id, review.author_id)
}

#[tokio::test]
async fn an_edit_moves_the_stars_and_keeps_what_was_said() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let (review, author) = reviewed(&shop, id, 5).await;
    for (rating, body) in [(json!(2), "It broke"), (Value::Null, "It broke on the first day")] {
        let input = json!({"input": {"commentId": review, "rating": rating, "body": body}});
        assert!(shop.ask(Some(author), EDIT, input).await.user_errors().is_empty());
    }
    // The same words again are no edit.
    let same = json!({"input": {"commentId": review, "rating": 2, "body": "It broke on the first day"}});
    let edited = shop.ask(Some(author), EDIT, same).await.fine()["editComment"]["comment"].clone();
    let said = json!([{"rating": 2, "body": "It broke"}, {"rating": 5, "body": "5 stars"}]);
    assert_eq!((&edited["rating"], &edited["revisions"]), (&json!(2), &said));
    assert!(edited["editedAt"].is_string());
    assert_eq!(page(&shop, id).await["rating"], json!({"count": 1, "average": 2.0}));
    let change = "UPDATE catalog.comment_revision SET body = 'never said'";
    let refused = shop.db.execute_raw(Statement::from_string(DbBackend::Postgres, change)).await;
    assert!(refused.is_err(), "the database lets nobody change what was said");
}

#[tokio::test]
async fn only_its_author_edits_a_comment_and_by_the_rules() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let (review, author) = reviewed(&shop, id, 5).await;
    let fine = json!({"input": {"commentId": review, "rating": 4, "body": "Fine"}});
    assert_eq!(shop.ask(None, EDIT, fine.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(shop.ask(Some(AccountId::new()), EDIT, fine).await.code(), "FORBIDDEN");
    let reply = shop.ask(Some(author), REPLY, json!({"id": review, "key": "k"})).await.fine();
    let reply = reply["replyToComment"]["reply"]["id"].clone();
    let cases = [
        (json!({"commentId": review, "rating": 0, "body": ""}), "RATING_INVALID", "rating"),
        (json!({"commentId": review, "rating": 6, "body": ""}), "RATING_INVALID", "rating"),
        (json!({"commentId": review, "body": "x".repeat(5001)}), "TEXT_INVALID", "body"),
        (json!({"commentId": reply, "rating": 3, "body": "Fine"}), "RATING_INVALID", "rating"),
        (json!({"commentId": reply, "body": " "}), "TEXT_INVALID", "body"),
        (json!({"commentId": CommentId::new(), "body": "Fine"}), "COMMENT_NOT_FOUND", "commentId"),
    ];
    for (input, code, field) in cases {
        let refused = shop.ask(Some(author), EDIT, json!({ "input": input })).await;
        assert_eq!(refused.user_errors(), [(code.to_owned(), field.to_owned())], "{input}");
    }
}

#[tokio::test]
async fn edits_of_one_review_at_once_leave_the_stars_counted_rightly() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let (review, author) = reviewed(&shop, id, 5).await;
    let edits = (0..20).map(|number| {
        let input = json!({"input": {"commentId": review, "rating": number % 5 + 1, "body": format!("{number}")}});
        shop.ask(Some(author), EDIT, input)
    });
    for reply in futures::future::join_all(edits).await {
        assert!(reply.user_errors().is_empty());
    }
    let now = page(&shop, id).await;
    assert_eq!(now["rating"]["count"], 1);
    let row = "SELECT rating::int FROM catalog.comment UNION ALL SELECT count(*)::int FROM catalog.comment_revision";
    let rows = shop.db.query_all_raw(Statement::from_string(DbBackend::Postgres, row)).await.unwrap();
    let numbers: Vec<i32> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(now["rating"]["average"], json!(f64::from(numbers[0])));
    assert_eq!(numbers[1], 20, "each edit kept what stood before it");
}

#[tokio::test]
async fn the_seller_answers_and_the_answer_stands_out() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let id = shop.product(seller, "Cup").await;
    let (review, _) = reviewed(&shop, id, 3).await;
    shop.ask(Some(AccountId::new()), REPLY, json!({"id": review, "key": "stranger"})).await.fine();
    assert_eq!(page(&shop, id).await["reviews"]["edges"][0]["node"]["sellerAnswer"], Value::Null);
    shop.ask(Some(seller), REPLY, json!({"id": review, "key": "seller"})).await.fine();
    let shown = page(&shop, id).await;
    let answer = json!({"body": "Thank you", "bySeller": true});
    assert_eq!(shown["reviews"]["edges"][0]["node"]["sellerAnswer"], answer);
    assert_eq!(shown["reviews"]["edges"][0]["node"]["replyCount"], 2);
}

#[tokio::test]
async fn reports_wait_for_an_administrator_who_takes_the_review_down() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let (bad, author) = reviewed(&shop, id, 1).await;
    reviewed(&shop, id, 5).await;
    let reporters = [AccountId::new(), AccountId::new()];
    for reporter in reporters.into_iter().chain([reporters[0]]) {
        let input = json!({"input": {"commentId": bad, "reason": "SPAM", "details": "An advertisement"}});
        let report = shop.ask(Some(reporter), REPORT, input).await.fine()["reportComment"]["report"].clone();
        assert_eq!((&report["reason"], &report["resolvedAt"]), (&json!("SPAM"), &Value::Null));
    }
    let admin = viewer_of(AccountId::new(), true);
    let first = shop.ask_as(Some(admin), QUEUE, json!({"openOnly": true, "first": 1})).await.fine();
    let first = first["commentReports"].clone();
    assert_eq!(first["totalCount"], 2, "a second report of the same account changes nothing");
    assert_eq!(first["edges"][0]["node"]["comment"]["body"], "1 stars");
    let after = json!({"openOnly": true, "first": 1, "after": first["pageInfo"]["endCursor"]});
    let second = shop.ask_as(Some(admin), QUEUE, after).await.fine()["commentReports"].clone();
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let decide = json!({"input": {"reportId": first["edges"][0]["node"]["id"], "decision": "REMOVED"}});
    let decided = shop.ask_as(Some(admin), DECIDE, decide.clone()).await.fine()["decideCommentReport"].clone();
    assert_eq!(decided["report"]["comment"], Value::Null);
    assert_eq!(decided["report"]["resolvedBy"]["id"], json!(admin.account_id));
    let again = shop.ask_as(Some(admin), DECIDE, decide).await.user_errors();
    assert_eq!(again, [("REPORT_NOT_FOUND".to_owned(), "reportId".to_owned())]);
    let open = shop.ask_as(Some(admin), QUEUE, json!({"openOnly": true})).await.fine();
    assert_eq!(open["commentReports"]["totalCount"], 0, "the other report of it is closed as well");
    let now = page(&shop, id).await;
    assert_eq!(now["rating"], json!({"count": 1, "average": 5.0}), "its star does not count any more");
    assert_eq!(now["reviews"]["totalCount"], 1);
    let input = json!({"input": {"commentId": bad, "body": "Back again"}});
    let edit = shop.ask(Some(author), EDIT, input).await.user_errors();
    assert_eq!(edit, [("COMMENT_NOT_FOUND".to_owned(), "commentId".to_owned())]);
}

#[tokio::test]
async fn a_dismissed_report_leaves_the_comment_and_a_reply_taken_down_is_not_counted() {
    let shop = Shop::open().await;
    let seller = AccountId::new();
    let id = shop.product(seller, "Cup").await;
    let (review, _) = reviewed(&shop, id, 4).await;
    let reply = shop.ask(Some(seller), REPLY, json!({"id": review, "key": "k"})).await.fine();
    let reply = reply["replyToComment"]["reply"]["id"].clone();
    let admin = viewer_of(AccountId::new(), true);
    for (comment, decision) in [(json!(review), "DISMISSED"), (reply, "REMOVED")] {
        let input = json!({"input": {"commentId": comment, "reason": "OTHER"}});
        let report =
            shop.ask(Some(AccountId::new()), REPORT, input).await.fine()["reportComment"]["report"]["id"].clone();
        let decide = json!({"input": {"reportId": report, "decision": decision}});
        assert!(shop.ask_as(Some(admin), DECIDE, decide).await.user_errors().is_empty());
    }
    let node = page(&shop, id).await["reviews"]["edges"][0]["node"].clone();
    assert_eq!((&node["body"], &node["replyCount"]), (&json!("4 stars"), &json!(0)));
    assert_eq!((&node["replies"]["totalCount"], &node["sellerAnswer"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn who_may_report_and_decide() {
    let shop = Shop::open().await;
    let id = shop.product(AccountId::new(), "Cup").await;
    let (review, author) = reviewed(&shop, id, 4).await;
    let input =
        |comment: Value, details: &str| json!({"input": {"commentId": comment, "reason": "FAKE", "details": details}});
    assert_eq!(shop.ask(None, REPORT, input(json!(review), "")).await.code(), "UNAUTHENTICATED");
    let own = shop.ask(Some(author), REPORT, input(json!(review), "")).await.user_errors();
    assert_eq!(own, [("OWN_COMMENT".to_owned(), "commentId".to_owned())]);
    let someone = Some(AccountId::new());
    let long = shop.ask(someone, REPORT, input(json!(review), &"x".repeat(1001))).await.user_errors();
    assert_eq!(long, [("TEXT_INVALID".to_owned(), "details".to_owned())]);
    let unknown = shop.ask(someone, REPORT, input(json!(CommentId::new()), "")).await.user_errors();
    assert_eq!(unknown, [("COMMENT_NOT_FOUND".to_owned(), "commentId".to_owned())]);
    assert_eq!(shop.ask(someone, QUEUE, json!({"openOnly": true})).await.code(), "FORBIDDEN");
    let decide = json!({"input": {"reportId": ReportId::new(), "decision": "DISMISSED"}});
    assert_eq!(shop.ask(someone, DECIDE, decide).await.code(), "FORBIDDEN");
}
