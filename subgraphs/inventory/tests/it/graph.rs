//! The module's part of the graph.

use async_graphql::{Request, Response, Variables};
use chrono::{TimeDelta, Utc};
use inventory::{loaders::Loaders, schema};
use kernel::{AccountId, SessionId, SkuId};
use serde_json::{Value, json};
use service_kit::Viewer;

use crate::warehouse::{Warehouse, is_reserved, line};

fn viewer(account_id: AccountId) -> Viewer {
    Viewer {
        account_id,
        session_id: SessionId::new(),
        admin: false,
        issued_at_ms: 0,
        expires_at: Utc::now() + TimeDelta::minutes(15),
    }
}

async fn ask(warehouse: &Warehouse, asker: Option<AccountId>, query: &str, variables: Value) -> Response {
    let schema = schema::build().data(warehouse.db.clone()).finish();
    let mut request = Request::new(query).variables(Variables::from_json(variables)).data(Loaders::new(&warehouse.db));
    if let Some(account_id) = asker {
        request = request.data(viewer(account_id));
    }
    schema.execute(request).await
}

async fn mutate(warehouse: &Warehouse, name: &str, input: Value) -> Value {
    let answer = ask(warehouse, Some(warehouse.seller), &mutation(name), json!({"input": input})).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()[name].take()
}

fn mutation(name: &str) -> String {
    let serials = if name == "importStock" { "serials" } else { "" };
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!(
        "mutation($input: {input}!) {{ {name}(input: $input) {{
            stock {{ available stock taken lowStockThreshold }} {serials} userErrors {{ code field }} }} }}"
    )
}

const STOCK: &str = "query($skus: [_Any!]!) { _entities(representations: $skus) { ... on Sku { stock {
    available requiresSerials stock taken
    history(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { node { kind stockDelta takenDelta reason } } }
    serials(filter: { status: AVAILABLE }) { totalCount edges { node { serial status } } }
} } } }";

fn skus(ids: &[SkuId]) -> Value {
    json!({"skus": ids.iter().map(|id| json!({"__typename": "Sku", "id": id})).collect::<Vec<_>>()})
}

fn code(answer: &Response) -> Vec<String> {
    let code = |error: &async_graphql::ServerError| error.extensions.as_ref()?.get("code").cloned();
    answer.errors.iter().filter_map(code).map(|code| code.to_string().replace('"', "")).collect()
}

#[tokio::test]
async fn everybody_sees_what_is_available_and_the_seller_alone_sees_the_rest() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(3).await;
    assert!(is_reserved(&warehouse.reserve(vec![line(sku_id, 1)]).await));

    let seen = ask(&warehouse, Some(warehouse.seller), STOCK, skus(&[sku_id])).await;
    assert!(seen.errors.is_empty(), "{:?}", seen.errors);
    let stock = seen.data.into_json().unwrap()["_entities"][0]["stock"].take();
    assert_eq!(stock["available"], "2");
    assert_eq!((&stock["stock"], &stock["taken"]), (&json!("3"), &json!("1")));
    assert_eq!(stock["history"]["totalCount"], 2);
    assert_eq!(stock["history"]["edges"][0]["node"]["kind"], "RESERVE");
    assert_eq!(stock["history"]["edges"][1]["node"]["stockDelta"], "3");
    assert_eq!(stock["serials"]["totalCount"], 2);
    assert_eq!(stock["serials"]["edges"][0]["node"]["serial"], "S2");

    for (stranger, expected) in [(None, "UNAUTHENTICATED"), (Some(AccountId::new()), "FORBIDDEN")] {
        let seen = ask(&warehouse, stranger, STOCK, skus(&[sku_id])).await;
        assert_eq!(code(&seen), [expected; 4]);
        let stock = seen.data.into_json().unwrap()["_entities"][0]["stock"].take();
        assert_eq!((&stock["available"], &stock["requiresSerials"]), (&json!("2"), &json!(true)));
        assert_eq!((&stock["stock"], &stock["serials"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn a_list_of_skus_costs_as_many_statements_as_one() {
    let warehouse = Warehouse::open().await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(warehouse.sku_with_serials(2).await);
    }
    ids.push(SkuId::new());
    let counted = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let mut db = warehouse.db.clone();
    let counter = counted.clone();
    db.set_metric_callback(move |_| {
        counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    });
    let counting = Warehouse { db, ..warehouse };
    let mut costs = Vec::new();
    for wanted in [&ids[..1], &ids[..]] {
        counted.store(0, std::sync::atomic::Ordering::SeqCst);
        let seen = ask(&counting, Some(counting.seller), STOCK, skus(wanted)).await;
        assert!(seen.errors.is_empty(), "{:?}", seen.errors);
        let entities = seen.data.into_json().unwrap()["_entities"].take();
        assert_eq!(entities.as_array().unwrap().len(), wanted.len());
        costs.push(counted.load(std::sync::atomic::Ordering::SeqCst));
    }
    // Stocks, histories and their totals, serials and their totals.
    assert_eq!(costs, [5, 5]);
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(9).await;
    for _ in 0..4 {
        warehouse.reserve(vec![line(sku_id, 1)]).await;
    }
    let query = "query($skus: [_Any!]!, $after: String) { _entities(representations: $skus) { ... on Sku { stock {
        history(first: 2, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id kind } } } } } } }";
    let (mut after, mut kinds) = (Value::Null, Vec::new());
    loop {
        let mut variables = skus(&[sku_id]);
        variables["after"] = after;
        let seen = ask(&warehouse, Some(warehouse.seller), query, variables).await.data.into_json().unwrap();
        let history = &seen["_entities"][0]["stock"]["history"];
        kinds.extend(history["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["kind"].clone()));
        after = history["pageInfo"]["endCursor"].clone();
        if history["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(kinds, ["RESERVE", "RESERVE", "RESERVE", "RESERVE", "IMPORT"]);
}

#[tokio::test]
async fn the_same_key_imports_once_and_another_key_again() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(0).await;
    let input = |key: &str| json!({"skuId": sku_id, "quantity": "5", "idempotencyKey": key});
    assert_eq!(mutate(&warehouse, "importStock", input("a")).await["stock"]["stock"], "5");
    assert_eq!(mutate(&warehouse, "importStock", input("a")).await["stock"]["stock"], "5");
    assert_eq!(mutate(&warehouse, "importStock", input("b")).await["stock"]["stock"], "10");
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn serials_are_generated_once_when_the_seller_gives_none() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku_with_serials(0).await;
    let input = json!({"skuId": sku_id, "quantity": 3, "idempotencyKey": "k"});
    let first = mutate(&warehouse, "importStock", input.clone()).await;
    assert_eq!(first["serials"].as_array().unwrap().len(), 3);
    assert_eq!(mutate(&warehouse, "importStock", input).await["serials"], first["serials"]);
    let own = json!({"skuId": sku_id, "serials": [" X1 ", "X2"], "idempotencyKey": "own"});
    let own = mutate(&warehouse, "importStock", own).await;
    assert_eq!((&own["serials"], &own["stock"]["available"]), (&json!(["X1", "X2"]), &json!("5")));
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn bad_imports_are_refused_by_field() {
    let warehouse = Warehouse::open().await;
    let (plain, numbered) = (warehouse.sku(0).await, warehouse.sku_with_serials(2).await);
    let long = "x".repeat(65);
    for (input, code, field) in [
        (json!({"skuId": plain}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": plain, "quantity": "0"}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": plain, "quantity": "-4"}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": plain, "quantity": "9223372036854775807"}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": plain, "serials": ["A"]}), "SERIALS_NOT_USED", "serials"),
        (json!({"skuId": numbered, "quantity": "100001"}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": numbered, "quantity": "2", "serials": ["A"]}), "STOCK_QUANTITY_INVALID", "quantity"),
        (json!({"skuId": numbered, "serials": ["A", " "]}), "SERIAL_INVALID", "serials.1"),
        (json!({"skuId": numbered, "serials": ["A\tB"]}), "SERIAL_INVALID", "serials.0"),
        (json!({"skuId": numbered, "serials": [long]}), "SERIAL_INVALID", "serials.0"),
        (json!({"skuId": numbered, "serials": ["A", "B", "A "]}), "SERIAL_REPEATED", "serials.2"),
        (json!({"skuId": numbered, "serials": ["A", "S1"]}), "SERIAL_EXISTS", "serials"),
    ] {
        let mut keyed = input.clone();
        keyed["idempotencyKey"] = json!(input.to_string()[..60.min(input.to_string().len())]);
        let refused = mutate(&warehouse, "importStock", keyed).await;
        assert_eq!(refused["userErrors"], json!([{"code": code, "field": field}]), "{input}");
        assert_eq!(refused["stock"], Value::Null);
    }
    assert_eq!((warehouse.stock(plain).await.stock, warehouse.stock(numbered).await.stock), (0, 2));
}

#[tokio::test]
async fn bad_corrections_are_refused_by_field() {
    let warehouse = Warehouse::open().await;
    let (plain, numbered) = (warehouse.sku(3).await, warehouse.sku_with_serials(2).await);
    assert!(is_reserved(&warehouse.reserve(vec![line(plain, 2)]).await));
    for (number, (input, code, field)) in [
        (json!({"skuId": plain, "delta": "0", "reason": "r"}), "STOCK_QUANTITY_INVALID", "delta"),
        (json!({"skuId": plain, "delta": "-9223372036854775808", "reason": "r"}), "STOCK_QUANTITY_INVALID", "delta"),
        (json!({"skuId": plain, "delta": "-2", "reason": "r"}), "STOCK_BELOW_TAKEN", "delta"),
        (json!({"skuId": plain, "delta": "1", "reason": "  "}), "STOCK_REASON_INVALID", "reason"),
        (json!({"skuId": plain, "delta": "-1", "reason": "r", "serials": ["A"]}), "SERIALS_NOT_USED", "serials"),
        (json!({"skuId": numbered, "delta": "1", "reason": "r"}), "SERIALS_REQUIRED", "delta"),
        (json!({"skuId": numbered, "delta": "-1", "reason": "r"}), "SERIALS_REQUIRED", "serials"),
        (
            json!({"skuId": numbered, "delta": "-1", "reason": "r", "serials": ["S9"]}),
            "SERIAL_NOT_AVAILABLE",
            "serials",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut keyed = input.clone();
        keyed["idempotencyKey"] = json!(format!("bad-{number}"));
        let refused = mutate(&warehouse, "adjustStock", keyed).await;
        assert_eq!(refused["userErrors"], json!([{"code": code, "field": field}]), "{input}");
    }
    let input = json!({"skuId": plain, "delta": "-1", "reason": "one broke", "idempotencyKey": "good"});
    assert_eq!(mutate(&warehouse, "adjustStock", input).await["stock"]["available"], "0");
    warehouse.assert_sound().await;
}

#[tokio::test]
async fn a_seller_lists_the_stocks_that_run_low() {
    let warehouse = Warehouse::open().await;
    let (low, high) = (warehouse.sku(4).await, warehouse.sku(100).await);
    let query = "query($me: [_Any!]!, $low: Boolean!) { _entities(representations: $me) { ... on Account {
        stocks(filter: { lowOnly: $low }) { totalCount edges { node { sku { id } available } } } } } }";
    let listed = async |low_only: bool, asker| {
        let me = json!({"me": [{"__typename": "Account", "id": warehouse.seller}], "low": low_only});
        ask(&warehouse, Some(asker), query, me).await
    };
    let ids = |answer: Response| {
        let stocks = answer.data.into_json().unwrap()["_entities"][0]["stocks"].take();
        let edges = stocks["edges"].as_array().unwrap().clone();
        assert_eq!(stocks["totalCount"], edges.len());
        edges.iter().map(|edge| edge["node"]["sku"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(listed(true, warehouse.seller).await), [low.to_string()]);
    assert_eq!(ids(listed(false, warehouse.seller).await), [high.to_string(), low.to_string()]);
    assert_eq!(code(&listed(false, AccountId::new()).await), ["FORBIDDEN"]);

    let input = json!({"skuId": high, "threshold": "100"});
    assert_eq!(mutate(&warehouse, "setLowStockThreshold", input).await["stock"]["lowStockThreshold"], "100");
    assert_eq!(ids(listed(true, warehouse.seller).await).len(), 2);
    let refused = mutate(&warehouse, "setLowStockThreshold", json!({"skuId": high, "threshold": "-1"})).await;
    assert_eq!(refused["userErrors"], json!([{"code": "STOCK_THRESHOLD_INVALID", "field": "threshold"}]));
}

#[tokio::test]
async fn only_the_owner_changes_a_stock() {
    let warehouse = Warehouse::open().await;
    let sku_id = warehouse.sku(3).await;
    let input = |name: &str, sku_id: SkuId| match name {
        "importStock" => json!({"skuId": sku_id, "quantity": "1", "idempotencyKey": "k"}),
        "adjustStock" => json!({"skuId": sku_id, "delta": "1", "reason": "r", "idempotencyKey": "k"}),
        _ => json!({"skuId": sku_id, "threshold": "1"}),
    };
    for name in ["importStock", "adjustStock", "setLowStockThreshold"] {
        for (asker, sku_id, expected) in [
            (None, sku_id, "UNAUTHENTICATED"),
            (Some(AccountId::new()), sku_id, "FORBIDDEN"),
            (Some(warehouse.seller), SkuId::new(), "NOT_FOUND"),
        ] {
            let answer = ask(&warehouse, asker, &mutation(name), json!({"input": input(name, sku_id)})).await;
            assert_eq!(code(&answer), [expected], "{name}");
        }
    }
    let keyless = json!({"input": {"skuId": sku_id, "quantity": "1", "idempotencyKey": ""}});
    let answer = ask(&warehouse, Some(warehouse.seller), &mutation("importStock"), keyless).await;
    assert_eq!(code(&answer), ["BAD_USER_INPUT"]);
    let stock = warehouse.stock(sku_id).await;
    assert_eq!((stock.stock, stock.low_stock_threshold), (3, 5));
}

const ADJUST_STOCKS: &str = "mutation($input: AdjustStocksInput!) { adjustStocks(input: $input) {
    stocks { available } userErrors { code field } } }";

async fn adjust_stocks(warehouse: &Warehouse, key: &str, lines: Value) -> Value {
    let input = json!({"input": {"lines": lines, "reason": "counted", "idempotencyKey": key}});
    let answer = ask(warehouse, Some(warehouse.seller), ADJUST_STOCKS, input).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()["adjustStocks"].take()
}

#[tokio::test]
async fn many_stocks_are_corrected_together_or_not_at_all() {
    let warehouse = Warehouse::open().await;
    let (one, other, numbered) = (warehouse.sku(3).await, warehouse.sku(50).await, warehouse.sku_with_serials(2).await);
    assert!(is_reserved(&warehouse.reserve(vec![line(one, 2)]).await));
    let change = |sku_id: SkuId, delta: i64| json!({"skuId": sku_id, "delta": delta.to_string()});
    let many: Vec<Value> = (0..201).map(|_| change(one, 1)).collect();
    for (number, (lines, code, field)) in [
        (json!([]), "STOCK_QUANTITY_INVALID", "lines"),
        (json!(many), "STOCK_QUANTITY_INVALID", "lines"),
        (json!([change(other, 1), change(one, 0)]), "STOCK_QUANTITY_INVALID", "lines.1.delta"),
        (json!([change(other, 1), change(other, 1)]), "STOCK_QUANTITY_INVALID", "lines.1.skuId"),
        (json!([change(other, -1), change(one, -2)]), "STOCK_BELOW_TAKEN", "lines.1.delta"),
        (json!([change(numbered, 1)]), "SERIALS_REQUIRED", "lines.0.delta"),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = adjust_stocks(&warehouse, &format!("bad-{number}"), lines).await;
        assert_eq!(refused["userErrors"], json!([{"code": code, "field": field}]));
    }
    assert_eq!(warehouse.stock(other).await.stock, 50, "nothing was done");
    for _ in 0..2 {
        let done = adjust_stocks(&warehouse, "good", json!([change(other, -10), change(one, 4)])).await;
        assert_eq!(done["stocks"], json!([{"available": "40"}, {"available": "5"}]), "the same key changes nothing");
    }
    let foreign = json!({"input": {"lines": [change(one, 1)], "reason": "r", "idempotencyKey": "k"}});
    let answer = ask(&warehouse, Some(AccountId::new()), ADJUST_STOCKS, foreign.clone()).await;
    assert_eq!(code(&answer), ["FORBIDDEN"]);
    assert_eq!(code(&ask(&warehouse, None, ADJUST_STOCKS, foreign).await), ["UNAUTHENTICATED"]);
    let unknown = json!({"input": {"lines": [change(SkuId::new(), 1)], "reason": "r", "idempotencyKey": "k"}});
    assert_eq!(code(&ask(&warehouse, Some(warehouse.seller), ADJUST_STOCKS, unknown).await), ["NOT_FOUND"]);
    warehouse.assert_sound().await;
}
