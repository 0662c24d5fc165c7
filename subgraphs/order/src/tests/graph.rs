//! The graph: who sees what, and at which price in statements.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{Request, Response, Variables};
use chrono::{TimeDelta, Utc};
use kernel::{AccountId, SessionId};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use service_kit::Viewer;

use super::samples::{database, order, pending};
use crate::{prepare, schema};

pub(super) fn viewer(account_id: AccountId) -> Viewer {
    Viewer {
        account_id,
        session_id: SessionId::new(),
        admin: false,
        issued_at_ms: Utc::now().timestamp_millis(),
        expires_at: Utc::now() + TimeDelta::minutes(15),
    }
}

async fn ask(db: &DatabaseConnection, viewer: Option<Viewer>, query: &str, variables: Value) -> Response {
    let schema = schema::build().data(db.clone()).finish();
    let mut request = prepare(Request::new(query).variables(Variables::from_json(variables)), db);
    if let Some(viewer) = viewer {
        request = request.data(viewer);
    }
    schema.execute(request).await
}

async fn data(db: &DatabaseConnection, viewer: Viewer, query: &str, variables: Value) -> Value {
    let response = ask(db, Some(viewer), query, variables).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().unwrap()
}

async fn code(db: &DatabaseConnection, viewer: Option<Viewer>, query: &str, variables: Value) -> String {
    let response = ask(db, viewer, query, variables).await;
    let error = response.errors.first().unwrap_or_else(|| panic!("no error in {:?}", response.data));
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
    code.and_then(|code| code.into_json().ok())
        .and_then(|code| code.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

const ORDER: &str = "query($id: ID!) { order(id: $id) {
    id status buyer { id } seller { id } total { amountMinor currency } items { id state order { id } }
    events { sequence status shipmentStatus } } }";

#[tokio::test]
async fn an_order_exists_for_its_parties_and_for_nobody_else() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let order = order(&db, buyer, seller, 1).await;
    let id = json!({ "id": order.id });
    for party in [buyer, seller] {
        let shown = data(&db, viewer(party), ORDER, id.clone()).await;
        assert_eq!(shown["order"]["total"], json!({ "amountMinor": "1150", "currency": "VND" }));
        assert_eq!(shown["order"]["items"][0]["order"]["id"], json!(order.id));
        assert_eq!(shown["order"]["events"][0]["sequence"], "1");
    }
    let admin = Viewer { admin: true, ..viewer(AccountId::new()) };
    assert_eq!(data(&db, admin, ORDER, id.clone()).await["order"]["id"], json!(order.id));
    assert_eq!(code(&db, Some(viewer(AccountId::new())), ORDER, id.clone()).await, "NOT_FOUND");
    assert_eq!(code(&db, Some(viewer(buyer)), ORDER, json!({ "id": AccountId::new() })).await, "NOT_FOUND");
    assert_eq!(code(&db, None, ORDER, id).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_entity_is_null_for_a_stranger() {
    let db = database().await;
    let buyer = AccountId::new();
    let order = order(&db, buyer, AccountId::new(), 1).await;
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Order { id status } } }";
    let of = json!({ "of": [{ "__typename": "Order", "id": order.id }] });
    assert_eq!(data(&db, viewer(buyer), query, of.clone()).await["_entities"][0]["status"], "CONFIRMED");
    let hidden = ask(&db, Some(viewer(AccountId::new())), query, of).await;
    assert_eq!(hidden.data.into_json().unwrap_or_default()["_entities"][0]["status"], Value::Null);
}

#[tokio::test]
async fn what_an_account_buys_and_sells_is_its_own_business() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    pending(&db, buyer, seller, 2).await;
    order(&db, buyer, seller, 1).await;
    let of = json!({ "of": [{ "__typename": "Account", "id": buyer }] });
    for field in [
        "cart { totalQuantity }",
        "purchases { totalCount }",
        "sales { totalCount }",
        "purchasedItems { totalCount }",
        "incomingItems { totalCount }",
        "soldItems { totalCount }",
        "ledger { balances { amountMinor } }",
    ] {
        let query =
            format!("query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Account {{ {field} }} }} }}");
        assert_eq!(code(&db, Some(viewer(seller)), &query, of.clone()).await, "FORBIDDEN", "{field}");
        assert_eq!(code(&db, None, &query, of.clone()).await, "UNAUTHENTICATED", "{field}");
        data(&db, viewer(buyer), &query, of.clone()).await;
    }
}

const PURCHASES: &str = "query($of: [_Any!]!, $filter: OrderFilter, $first: Int, $after: String) {
    _entities(representations: $of) { ... on Account { purchases(filter: $filter, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { node { id items { id } events { sequence } shipment { id status } payment { id } } } } } } }";

#[tokio::test]
async fn a_list_of_orders_costs_the_same_whatever_its_length() {
    let mut db = database().await;
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = counted.clone();
    db.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let buyer = AccountId::new();
    let of = json!([{ "__typename": "Account", "id": buyer }]);
    let mut costs = vec![];
    for _ in 0..2 {
        for _ in 0..3 {
            order(&db, buyer, AccountId::new(), 2).await;
        }
        counted.store(0, Ordering::Relaxed);
        data(&db, viewer(buyer), PURCHASES, json!({ "of": of })).await;
        costs.push(counted.load(Ordering::Relaxed));
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 6, "one statement a field, not one an order: {costs:?}");
}

#[tokio::test]
async fn a_list_of_orders_is_paged_and_filtered() {
    let db = database().await;
    let buyer = AccountId::new();
    let mut expected = vec![];
    for _ in 0..3 {
        expected.insert(0, json!(order(&db, buyer, AccountId::new(), 1).await.id));
    }
    let of = json!([{ "__typename": "Account", "id": buyer }]);
    let (mut seen, mut after) = (vec![], Value::Null);
    loop {
        let shown = data(&db, viewer(buyer), PURCHASES, json!({ "of": of, "first": 2, "after": after })).await;
        let list = &shown["_entities"][0]["purchases"];
        assert_eq!(list["totalCount"], 3);
        seen.extend(list["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()));
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(seen, expected);
    let paid = json!({ "of": of, "filter": { "statuses": ["PAID"] } });
    assert_eq!(data(&db, viewer(buyer), PURCHASES, paid).await["_entities"][0]["purchases"]["totalCount"], 0);
    let huge = json!({ "of": of, "first": 101 });
    assert_eq!(code(&db, Some(viewer(buyer)), PURCHASES, huge).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn orders_are_searched_and_sorted_page_by_page() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let mut totals = vec![];
    for units in [2, 1, 3, 2] {
        totals.push((order(&db, buyer, seller, units).await.total_minor, units));
    }
    order(&db, AccountId::new(), seller, 1).await;
    let query = "query($of: [_Any!]!, $filter: OrderFilter, $sort: OrderSort, $after: String) {
        _entities(representations: $of) { ... on Account { purchases(filter: $filter, sort: $sort, first: 1, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } edges { node { id total { amountMinor } } } } } } }";
    let of = json!([{ "__typename": "Account", "id": buyer }]);
    let all = async |sort: &str| -> Vec<(String, i64)> {
        let (mut seen, mut after) = (vec![], Value::Null);
        loop {
            let shown = data(&db, viewer(buyer), query, json!({ "of": of, "sort": sort, "after": after })).await;
            let list = &shown["_entities"][0]["purchases"];
            let node = &list["edges"][0]["node"];
            let total = node["total"]["amountMinor"].as_str().unwrap().parse().unwrap();
            seen.push((node["id"].as_str().unwrap().to_owned(), total));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                return seen;
            }
        }
    };
    let newest = all("NEWEST").await;
    assert_eq!(newest.len(), 4);
    let mut expected = newest.clone();
    expected.reverse();
    assert_eq!(all("OLDEST").await, expected);
    expected.sort_by_key(|(id, total)| (*total, id.clone()));
    assert_eq!(all("TOTAL_LOWEST").await, expected, "{totals:?}");
    expected.reverse();
    assert_eq!(all("TOTAL_HIGHEST").await, expected);

    let found = async |search: &str| -> Value {
        let filter = json!({ "of": of, "filter": { "search": search } });
        data(&db, viewer(buyer), query, filter).await["_entities"][0]["purchases"]["totalCount"].clone()
    };
    for (search, count) in [(" dài RED ", 4), ("dài blue", 0), ("100%", 0), ("_", 0), (newest[2].0.as_str(), 1)] {
        assert_eq!(found(search).await, count, "{search}");
    }
    for search in ["", "  ", &"x".repeat(101)] {
        let filter = json!({ "of": of, "filter": { "search": search } });
        assert_eq!(code(&db, Some(viewer(buyer)), query, filter).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn both_parties_list_items_by_name_and_age() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let items = pending(&db, buyer, seller, 3).await;
    for (party, field) in [(buyer, "purchasedItems"), (seller, "soldItems")] {
        let query = format!(
            "query($of: [_Any!]!, $filter: OrderItemFilter) {{ _entities(representations: $of) {{ ... on Account {{
                {field}(filter: $filter, sort: OLDEST) {{ totalCount edges {{ node {{ id }} }} }} }} }} }}"
        );
        let shown = async |filter: Value| -> Value {
            let of = json!([{ "__typename": "Account", "id": party }]);
            data(&db, viewer(party), &query, json!({ "of": of, "filter": filter })).await["_entities"][0][field].clone()
        };
        let list = shown(json!({ "search": "red" })).await;
        let ids: Vec<Value> = list["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()).collect();
        let mut expected: Vec<Value> = items.iter().map(|item| json!(item.id)).collect();
        expected.sort_by_key(ToString::to_string);
        assert_eq!(ids, expected);
        assert_eq!(shown(json!({ "search": "blue" })).await["totalCount"], 0);
        assert_eq!(shown(json!({ "states": ["REJECTED"] })).await["totalCount"], 0);
    }
}

#[tokio::test]
async fn a_seller_finds_and_sorts_incoming_groups() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    pending(&db, buyer, seller, 1).await;
    pending(&db, AccountId::new(), seller, 2).await;
    let query = "query($of: [_Any!]!, $filter: IncomingFilter, $sort: IncomingSort, $after: String) {
        _entities(representations: $of) { ... on Account { incomingItems(filter: $filter, sort: $sort, first: 1, after: $after) {
            totalCount edges { cursor node { buyer { id } items { id } } } } } } }";
    let of = json!([{ "__typename": "Account", "id": seller }]);
    let shown = async |filter: Value, sort: &str, after: Value| -> Value {
        let variables = json!({ "of": of, "filter": filter, "sort": sort, "after": after });
        data(&db, viewer(seller), query, variables).await["_entities"][0]["incomingItems"].clone()
    };
    let dearest = shown(json!(null), "PAID_HIGHEST", json!(null)).await;
    let shape =
        |list: &Value| (list["totalCount"].clone(), list["edges"][0]["node"]["items"].as_array().unwrap().len());
    assert_eq!(shape(&dearest), (json!(2), 2));
    let next = shown(json!(null), "PAID_HIGHEST", dearest["edges"][0]["cursor"].clone()).await;
    assert_eq!(shape(&next), (json!(2), 1));
    let of_one = shown(json!({ "buyerId": buyer, "search": "dài hanoi" }), "NEWEST", json!(null)).await;
    assert_eq!((shape(&of_one), &of_one["edges"][0]["node"]["buyer"]["id"]), ((json!(1), 1), &json!(buyer)));
    for search in ["", "  ", &"x".repeat(101)] {
        let variables = json!({ "of": of, "filter": { "search": search } });
        assert_eq!(code(&db, Some(viewer(seller)), query, variables).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn every_mutation_asks_who_it_is() {
    let db = database().await;
    let id = AccountId::new();
    for mutation in [
        format!("setCartItem(input: {{ skuId: \"{id}\", quantity: 1 }})"),
        "clearCart".to_owned(),
        "checkout(input: { transportOption: \"table-rate\", idempotencyKey: \"k\" })".to_owned(),
        format!("cancelItems(input: {{ itemIds: [\"{id}\"], idempotencyKey: \"k\" }})"),
        format!("rejectItems(input: {{ itemIds: [\"{id}\"], reason: \"Sold out\", idempotencyKey: \"k\" }})"),
        format!("quoteTransport(input: {{ itemIds: [\"{id}\"] }})"),
        format!("confirmItems(input: {{ itemIds: [\"{id}\"], idempotencyKey: \"k\" }})"),
    ] {
        let mutation = format!("mutation {{ {mutation} {{ userErrors {{ code }} }} }}");
        assert_eq!(code(&db, None, &mutation, json!({})).await, "UNAUTHENTICATED", "{mutation}");
    }
}

#[tokio::test]
async fn bad_input_is_named_by_its_field() {
    let db = database().await;
    let buyer = viewer(AccountId::new());
    let sku = AccountId::new();
    let query = format!(
        "mutation {{ setCartItem(input: {{ skuId: \"{sku}\", quantity: 1000 }}) {{ cart {{ totalQuantity }}
            userErrors {{ code field }} }} }}"
    );
    let refused = data(&db, buyer, &query, json!({})).await;
    let expected = json!([{ "code": "QUANTITY_OUT_OF_RANGE", "field": "quantity" }]);
    assert_eq!(refused["setCartItem"]["userErrors"], expected);
    let query = "mutation { cancelItems(input: { itemIds: [], idempotencyKey: \"k\" }) { userErrors { code field } } }";
    let refused = data(&db, buyer, query, json!({})).await;
    assert_eq!(
        refused["cancelItems"]["userErrors"],
        json!([{ "code": "LINE_COUNT_OUT_OF_RANGE", "field": "itemIds" }])
    );
    let malformed = ask(&db, Some(buyer), ORDER, json!({ "id": "42" })).await;
    assert!(malformed.errors[0].message.contains("not an id"), "{:?}", malformed.errors);
}
