//! The graph as its parties and strangers see it.

use async_graphql::{Request, Variables};
use chrono::Utc;
use entities::order::ShipmentStatus;
use futures::StreamExt;
use kernel::SessionId;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use service_kit::{Platform, Viewer};

use super::*;
use crate::{feed, schema, shipment::moving::shipment_move};

fn viewer(account_id: AccountId) -> Viewer {
    Viewer {
        account_id,
        session_id: SessionId::new(),
        admin: false,
        issued_at_ms: Utc::now().timestamp_millis(),
        expires_at: Utc::now() + Duration::from_secs(60),
    }
}

fn request(world: &World, account_id: AccountId, query: &str, variables: Value) -> Request {
    let request = Request::new(query).variables(Variables::from_json(variables)).data(viewer(account_id));
    crate::prepare(request, &world.db)
}

async fn ask(world: &World, account_id: AccountId, query: &str, variables: Value) -> (Value, Vec<String>) {
    let schema = schema::build().data(world.db.clone()).finish();
    let response = schema.execute(request(world, account_id, query, variables)).await;
    let codes = response.errors.iter().map(|error| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
        code.map_or_else(|| error.message.clone(), |code| code.to_string().trim_matches('"').to_owned())
    });
    (response.data.into_json().unwrap(), codes.collect())
}

const PAYMENT: &str = "query($id: ID!) { payment(id: $id) {
    status method amount { amountMinor currency } redirectUrl orders { id payment { id } shipment { status } } } }";

#[tokio::test]
async fn only_the_buyer_sees_a_payment() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let id = json!({"id": opened.payment_id});
    let (data, errors) = ask(&world, world.buyer, PAYMENT, id.clone()).await;
    assert!(errors.is_empty(), "{errors:?}");
    let payment = &data["payment"];
    assert_eq!(payment["status"], "PENDING");
    assert_eq!(payment["amount"], json!({"amountMinor": "130000", "currency": "VND"}));
    assert!(payment["redirectUrl"].as_str().unwrap().contains("vnp_SecureHash="));
    assert_eq!(payment["orders"][0]["payment"]["id"], json!(opened.payment_id));
    assert_eq!(payment["orders"][0]["shipment"]["status"], "CREATED");
    for stranger in [world.seller, AccountId::new()] {
        let (_, errors) = ask(&world, stranger, PAYMENT, id.clone()).await;
        assert_eq!(errors, ["NOT_FOUND"]);
    }
    let seen = "query($id: ID!) { order(id: $id) { payment { id } } }";
    let (data, errors) = ask(&world, world.seller, seen, json!({"id": order.id})).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(data["order"]["payment"], Value::Null, "a seller does not see what else the buyer pays");
}

#[tokio::test]
async fn a_paid_payment_shows_no_page_any_more() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let (data, _) = ask(&world, world.buyer, PAYMENT, json!({"id": opened.payment_id})).await;
    assert_eq!((&data["payment"]["status"], &data["payment"]["redirectUrl"]), (&json!("SUCCEEDED"), &Value::Null));
}

#[tokio::test]
async fn a_ledger_and_credits_are_the_accounts_own_business() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    world.record(captured(opened.payment_id, 130_000, "2")).await;
    let entities = "query($id: ID!) { _entities(representations: [{__typename: \"Account\", id: $id}]) {
        ... on Account {
            ledger { balances { amountMinor } entries { totalCount edges { node { kind amount { amountMinor } order { id } } } } }
            paymentCredits { totalCount edges { node { reason amount { amountMinor } payment { id } } } } } } }";
    let (data, errors) = ask(&world, world.seller, entities, json!({"id": world.seller})).await;
    assert!(errors.is_empty(), "{errors:?}");
    let ledger = &data["_entities"][0]["ledger"];
    assert_eq!(ledger["balances"], json!([{"amountMinor": "125000"}]));
    assert_eq!(ledger["entries"]["totalCount"], 2);
    let (data, _) = ask(&world, world.buyer, entities, json!({"id": world.buyer})).await;
    let credits = &data["_entities"][0]["paymentCredits"];
    assert_eq!(credits["totalCount"], 1);
    assert_eq!(credits["edges"][0]["node"]["reason"], "DUPLICATE");
    let (data, errors) = ask(&world, AccountId::new(), entities, json!({"id": world.seller})).await;
    assert!(errors.contains(&"FORBIDDEN".to_owned()), "{errors:?}");
    assert!(!data.to_string().contains("125000"));
}

const FOLLOW: &str = "subscription($id: ID!, $after: BigInt) { orderStatusChanged(orderId: $id, after: $after) {
    sequence event { status shipmentStatus } order { status } } }";

#[tokio::test]
async fn a_stream_that_resumes_misses_nothing_and_repeats_nothing() {
    let world = World::new().await;
    let platform = Platform::connect(world.test.config()).await.expect("the engines of the test run answer");
    let order = world.order().await;
    let opened = world.opened(&[&order], "cod").await;
    assert_eq!(opened.order_ids, [order.id]);
    let schema = schema::build().data(world.db.clone()).data(platform.clone()).finish();
    let follow = request(&world, world.seller, FOLLOW, json!({"id": order.id, "after": "1"}));
    let mut stream = schema.execute_stream(follow);
    let first = stream.next().await.unwrap().data.into_json().unwrap();
    assert_eq!(first["orderStatusChanged"]["event"]["status"], "PAYABLE_ON_DELIVERY");
    assert_eq!(first["orderStatusChanged"]["sequence"], "2");

    let parcel = entities::order::shipment::Entity::find()
        .filter(entities::order::shipment::COLUMN.order_id.eq(order.id))
        .one(&world.db)
        .await
        .unwrap()
        .unwrap();
    for to in [ShipmentStatus::PickedUp, ShipmentStatus::Delivered] {
        shipment_move(&world.db, fee(), parcel.id, to).await.unwrap();
    }
    feed::publish(&platform, &order).await;
    let mut sequences = Vec::new();
    for _ in 0..4 {
        let next = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap();
        sequences.push(next.data.into_json().unwrap()["orderStatusChanged"]["sequence"].clone());
    }
    assert_eq!(sequences, ["3", "4", "5", "6"]);

    let mine = "subscription { myOrdersChanged(role: BUYER, after: 0) { sequence event { status } order { id } } }";
    let mut stream = schema.execute_stream(request(&world, world.buyer, mine, json!({})));
    for sequence in 1..=6 {
        let next = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.unwrap().unwrap();
        let change = next.data.into_json().unwrap()["myOrdersChanged"].clone();
        assert_eq!(change["sequence"], sequence.to_string());
        assert_eq!(change["order"]["id"], json!(order.id));
    }
}

#[tokio::test]
async fn a_stranger_cannot_follow_an_order() {
    let world = World::new().await;
    let platform = Platform::connect(world.test.config()).await.expect("the engines of the test run answer");
    let order = world.order().await;
    let schema = schema::build().data(world.db.clone()).data(platform).finish();
    let mut stream = schema.execute_stream(request(&world, AccountId::new(), FOLLOW, json!({"id": order.id})));
    let refused = stream.next().await.unwrap();
    assert!(format!("{:?}", refused.errors).contains("NOT_FOUND"), "{:?}", refused.errors);
}
