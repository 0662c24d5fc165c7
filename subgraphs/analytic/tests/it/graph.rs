//! The module's part of the graph.

use analytic::{loaders::Loaders, schema, store::interactions_record, weights::Weights};
use async_graphql::{Request, Response, Variables};
use chrono::{TimeDelta, Utc};
use contracts::analytic::InteractionKind;
use kernel::{AccountId, ProductId, SessionId};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use service_kit::Viewer;
use uuid::Uuid;

use crate::recording::{analytic_database, interaction};

pub(crate) async fn ask(db: &DatabaseConnection, asker: Option<AccountId>, query: &str, variables: Value) -> Response {
    let schema = schema::build().data(db.clone()).finish();
    let mut request = Request::new(query).variables(Variables::from_json(variables)).data(Loaders::new(db));
    if let Some(account_id) = asker {
        request = request.data(Viewer {
            account_id,
            session_id: SessionId::new(),
            admin: false,
            issued_at_ms: 0,
            expires_at: Utc::now() + TimeDelta::minutes(15),
        });
    }
    schema.execute(request).await
}

const TRACK: &str = "mutation($input: TrackInteractionsInput!) { trackInteractions(input: $input) {
    acceptedCount userErrors { code field } } }";

fn batch(kinds: &[&str]) -> Value {
    let one = |kind: &&str| json!({"id": Uuid::now_v7(), "productId": ProductId::new(), "kind": kind});
    json!({"input": {"interactions": kinds.iter().map(one).collect::<Vec<_>>()}})
}

async fn refused(db: &DatabaseConnection, asker: Option<AccountId>, variables: Value) -> Value {
    let answer = ask(db, asker, TRACK, variables).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let payload = answer.data.into_json().unwrap()["trackInteractions"].take();
    assert_eq!(payload["acceptedCount"], 0);
    payload["userErrors"].clone()
}

#[tokio::test]
async fn a_product_shows_its_popularity_and_one_that_nobody_has_seen_shows_zero() {
    let db = analytic_database().await;
    let (known, unknown) = (ProductId::new(), ProductId::new());
    let seen = [InteractionKind::View, InteractionKind::Purchase, InteractionKind::ReportProduct]
        .map(|kind| interaction(known, kind, Utc::now()));
    interactions_record(&db, &Weights::default(), &seen).await.unwrap();
    let query = "query($products: [_Any!]!) { _entities(representations: $products) { ... on Product {
        popularity { score interactionCount } } } }";
    let products = [known, unknown].map(|id| json!({"__typename": "Product", "id": id}));
    let answer = ask(&db, None, query, json!({"products": products})).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    assert_eq!(
        answer.data.into_json().unwrap()["_entities"],
        json!([
            {"popularity": {"score": -0.1, "interactionCount": "3"}},
            {"popularity": {"score": 0.0, "interactionCount": "0"}},
        ])
    );
}

#[tokio::test]
async fn trending_products_are_for_everybody() {
    let db = analytic_database().await;
    let products: Vec<ProductId> = (0..3).map(|_| ProductId::new()).collect();
    for (number, product_id) in products.iter().enumerate() {
        let views: Vec<_> = (0..=number).map(|_| interaction(*product_id, InteractionKind::View, Utc::now())).collect();
        interactions_record(&db, &Weights::default(), &views).await.unwrap();
    }
    let query = "query($after: String) { trendingProducts(first: 2, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { id popularity { interactionCount } } } } }";
    let first = ask(&db, None, query, json!({})).await.data.into_json().unwrap()["trendingProducts"].take();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    assert_eq!(first["edges"][0]["node"]["id"], products[2].to_string());
    let after = json!({"after": first["pageInfo"]["endCursor"]});
    let second = ask(&db, None, query, after).await.data.into_json().unwrap()["trendingProducts"].take();
    assert_eq!(second["edges"].as_array().unwrap().len(), 1);
    assert_eq!(second["edges"][0]["node"]["id"], products[0].to_string());
}

#[tokio::test]
async fn a_batch_of_no_or_too_many_interactions_is_refused() {
    let db = analytic_database().await;
    for size in [0, 101] {
        let errors = refused(&db, None, batch(&vec!["VIEW"; size])).await;
        assert_eq!(errors, json!([{"code": "INTERACTION_BATCH_SIZE_INVALID", "field": "interactions"}]));
    }
}

#[tokio::test]
async fn an_unknown_kind_and_a_malformed_product_are_refused() {
    let db = analytic_database().await;
    let answer = ask(&db, None, TRACK, batch(&["STARE"])).await;
    assert!(answer.errors[0].message.contains("STARE"), "{:?}", answer.errors);
    let mut malformed = batch(&["VIEW"]);
    malformed["input"]["interactions"][0]["productId"] = json!("42");
    let answer = ask(&db, None, TRACK, malformed).await;
    assert!(answer.errors[0].message.contains("`42` is not an id"), "{:?}", answer.errors);
    let mut malformed = batch(&["VIEW", "VIEW"]);
    malformed["input"]["interactions"][1]["id"] = json!("42");
    let errors = refused(&db, None, malformed).await;
    assert_eq!(errors, json!([{"code": "INTERACTION_ID_INVALID", "field": "interactions.1.id"}]));
}

#[tokio::test]
async fn nobody_can_report_what_the_marketplace_records_itself_nor_deeds_without_account() {
    let db = analytic_database().await;
    let errors = refused(&db, Some(AccountId::new()), batch(&["VIEW", "PURCHASE", "ADD_TO_CART"])).await;
    assert_eq!(errors, json!([{"code": "INTERACTION_KIND_RESERVED", "field": "interactions.1.kind"}]));
    let errors = refused(&db, None, batch(&["REPORT_PRODUCT", "RATING_HIGH"])).await;
    assert_eq!(
        errors,
        json!([
            {"code": "INTERACTION_NEEDS_ACCOUNT", "field": "interactions.0.kind"},
            {"code": "INTERACTION_KIND_RESERVED", "field": "interactions.1.kind"},
        ])
    );
}
