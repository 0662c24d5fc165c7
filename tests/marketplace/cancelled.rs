//! Invocations that an operator cancels half-way, in the durable engine itself: what they had taken comes back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use test_kit::{Layout, Stack};

use crate::stage::{Shop, act, available, checkout_of, id, items_of, key, operation};

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a query of one number answers with more than zero.
async fn until_some(db: &DatabaseConnection, sql: &str) {
    for _ in 0..600 {
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        if row.try_get_by_index::<i64>(0).unwrap() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing answers to {sql}");
}

/// What the engine says of its invocations.
async fn ask_engine(stack: &Stack, query: &str) -> Vec<Value> {
    let admin = id(&stack.status()["restate_admin_url"]);
    let asked = reqwest::Client::new().post(format!("{}/query", admin.trim_end_matches('/')));
    let asked = asked.header("accept", "application/json").json(&json!({"query": query})).send().await.unwrap();
    let found: Value = asked.json().await.unwrap();
    found["rows"].as_array().cloned().unwrap_or_default()
}

/// Cancels the one invocation of a handler that is under way, and waits until it is bound to see that.
async fn cancel(stack: &Stack, service: &str, handler: &str) {
    let query = format!(
        "SELECT id FROM sys_invocation WHERE target_service_name = '{service}' AND target_handler_name = '{handler}'
         AND status <> 'completed'"
    );
    let running = ask_engine(stack, &query).await;
    let [invocation] = &running[..] else { panic!("one {service}.{handler} is under way: {running:#?}") };
    let invocation = id(&invocation["id"]);
    let admin = id(&stack.status()["restate_admin_url"]);
    let url = format!("{}/invocations/{invocation}/cancel", admin.trim_end_matches('/'));
    let accepted = reqwest::Client::new().patch(url).send().await.unwrap();
    assert!(accepted.status().is_success(), "{accepted:?}");
    let signals =
        format!("SELECT entry_type FROM sys_journal WHERE id = '{invocation}' AND entry_type LIKE '%Signal%'");
    for _ in 0..600 {
        if !ask_engine(stack, &signals).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "{service}.{handler} was not told: {:#?}",
        ask_engine(stack, "SELECT id, entry_type FROM sys_journal").await
    );
}

/// Looking for the invocation of a handler concerns everybody's: a marketplace of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_is_cancelled_while_it_takes_a_voucher_gives_the_voucher_back() {
    let stack = Stack::start(Layout::Together).await;
    let shop = Shop::open(&stack, 5).await;
    let buyer = stack.member("buyer").await;
    let seller = &shop.seller.client;
    let code = format!("V{}", &key().replace('-', "")[20..]);
    let create = "mutation($input: CreatePromotionInput!) {
        createPromotion(input: $input) { promotion { id } userErrors { code field } } }";
    let voucher =
        json!({"name": "Voucher", "kind": "DISCOUNT", "percentOff": 50, "limitedByStock": true, "code": code});
    let created = seller.data(create, json!({"input": voucher})).await;
    let promotion_id = id(&created["createPromotion"]["promotion"]["id"]);
    let stock = "query($id: ID!) { promotion(id: $id) { stock { available stock } } }";
    let left = async |available: &str| {
        let wanted = json!({"available": available, "stock": "1"});
        let done = |data: &Value| data["promotion"]["stock"] == wanted;
        seller.eventually(stock, json!({"id": promotion_id}), PATIENCE, done).await;
    };
    let import = "mutation($input: ImportStockInput!) { importStock(input: $input) { userErrors { code field } } }";
    let one = json!({"promotionId": promotion_id, "quantity": "1", "idempotencyKey": key()});
    let wait_for_stock = |data: &Value| !data["promotion"]["stock"].is_null();
    seller.eventually(stock, json!({"id": promotion_id}), PATIENCE, wait_for_stock).await;
    let imported = seller.data(import, json!({"input": one})).await;
    assert_eq!(imported["importStock"]["userErrors"], json!([]));
    left("1").await;

    let with_code = || {
        let mut input = checkout_of(&[&shop.counted_sku], 1);
        input["codes"] = json!([code]);
        input
    };
    let owner = stack.database.connect_as_owner().await;
    let of_unit = ("inventory.stock", format!("ref_id = '{promotion_id}'"));
    let of_use = ("promotion.promotion", format!("id = '{promotion_id}'"));
    // While the unit is reserved, while its use is counted, and the whole checkout while the use is counted.
    for ((table, row), (service, handler)) in [
        (&of_unit, ("PromotionPricing", "redeem")),
        (&of_use, ("PromotionPricing", "redeem")),
        (&of_unit, ("Checkout", "submit")),
        (&of_use, ("Checkout", "submit")),
    ] {
        // Whoever changes the row waits for this.
        let lock = owner.begin().await.unwrap();
        lock.execute_unprepared(&format!("SELECT 1 FROM {table} WHERE {row} FOR UPDATE")).await.unwrap();
        let (client, query, input) = (buyer.client.clone(), operation("09-buyer-checks-out"), with_code());
        let checkout = tokio::spawn(async move { client.send(&query, json!({"input": input})).await });
        let waits = format!(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'tuple' AND relation = '{table}'::regclass
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        );
        until_some(&owner, &waits).await;
        cancel(&stack, service, handler).await;
        lock.rollback().await.unwrap();
        let answer = checkout.await.unwrap();
        assert_eq!(answer.code(), Some("INTERNAL"), "{service}.{handler} at {table}: {answer:#?}");
        left("1").await;
        // Nothing is under way any more that could take it again.
        stack.assert_sound().await;
        left("1").await;
        assert_eq!(available(&buyer.client, &shop.product_id, &shop.counted_sku).await, 5);
    }
    owner.close().await.expect("closing an idle connection");

    let checkout = act(&buyer.client, "09-buyer-checks-out", with_code()).await;
    assert_eq!(items_of(&checkout).len(), 1);
    assert_eq!(checkout["items"][0]["paidAmount"]["amountMinor"], "125000", "the voucher is there for the next");
    left("0").await;
    stack.assert_sound().await;
}
