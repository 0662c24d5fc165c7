//! `shopnexus check`: each rule is broken on purpose, and seen to be reported.

use std::process::Output;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::Value;
use test_kit::TestDatabase;

use crate::program::{output, shopnexus};

/// How each rule is broken, from a state in which everything holds: behind the backs of triggers, foreign keys and
/// checks. With the row that is to be named.
const BREAKS: &[(&str, &str, &str)] = &[
    (
        "stock-counters",
        "ALTER TABLE inventory.stock DROP CONSTRAINT stock_counters_sound;
        UPDATE inventory.stock SET stock = 0 WHERE NOT requires_serials",
        "inventory.stock 5aaaaaaa-0000-0000-0000-000000000001",
    ),
    (
        "stock-history-adds-up",
        "UPDATE inventory.stock SET stock = stock + 1 WHERE NOT requires_serials",
        "inventory.stock 5aaaaaaa-0000-0000-0000-000000000001",
    ),
    (
        "taken-is-open-reservations",
        "UPDATE inventory.reservation SET quantity = 2 WHERE id = '17e00000-0000-0000-0000-000000000001'",
        "inventory.stock 5aaaaaaa-0000-0000-0000-000000000001",
    ),
    (
        "reservation-has-live-item",
        r#"UPDATE "order".order_item SET state = 'CANCELLED' WHERE id = '17e00000-0000-0000-0000-000000000001'"#,
        "inventory.reservation 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "live-item-has-reservation",
        "UPDATE inventory.reservation SET status = 'RELEASED', closed_at = now()
        WHERE id = '17e00000-0000-0000-0000-000000000001'",
        "order.order_item 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "serials-are-counted",
        "DELETE FROM inventory.serial WHERE serial = 'A'",
        "inventory.stock 5aaaaaaa-0000-0000-0000-000000000002",
    ),
    (
        "reservation-holds-its-serials",
        "UPDATE inventory.serial SET status = 'SOLD' WHERE serial = 'B'",
        "inventory.reservation 17e00000-0000-0000-0000-000000000002",
    ),
    (
        "serial-in-one-live-item",
        r#"UPDATE "order".order_item SET serials = '{B}', sku_id = '5c000000-0000-0000-0000-000000000002'
        WHERE id = '17e00000-0000-0000-0000-000000000001'"#,
        "order.order_item 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "item-names-its-serials",
        r#"UPDATE "order".order_item SET serials = '{A}' WHERE id = '17e00000-0000-0000-0000-000000000002'"#,
        "order.order_item 17e00000-0000-0000-0000-000000000002",
    ),
    (
        "item-state-is-last-event",
        r#"UPDATE "order".order_item SET state = 'REJECTED' WHERE id = '17e00000-0000-0000-0000-000000000001'"#,
        "order.order_item 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "item-history-is-a-chain",
        r#"UPDATE "order".order_item_event SET from_state = 'REJECTED'
        WHERE item_id = '17e00000-0000-0000-0000-000000000003' AND seq = 3"#,
        "order.order_item_event 17e00000-0000-0000-0000-000000000003/3",
    ),
    (
        "order-status-is-last-event",
        r#"UPDATE "order".orders SET status = 'RETURNED' WHERE id = '0de00000-0000-0000-0000-000000000002'"#,
        "order.orders 0de00000-0000-0000-0000-000000000002",
    ),
    (
        "order-history-is-a-chain",
        r#"DELETE FROM "order".order_event WHERE order_id = '0de00000-0000-0000-0000-000000000002' AND seq = 2"#,
        "order.order_event 0de00000-0000-0000-0000-000000000002/3",
    ),
    (
        "parcel-status-is-last-event",
        r#"UPDATE "order".shipment SET status = 'FAILED'"#,
        "order.shipment 5b000000-0000-0000-0000-000000000001",
    ),
    (
        "items-follow-their-order",
        r#"UPDATE "order".order_item SET state = 'CONFIRMED' WHERE id = '17e00000-0000-0000-0000-000000000003'"#,
        "order.order_item 17e00000-0000-0000-0000-000000000003",
    ),
    (
        "order-totals-are-its-items",
        r#"UPDATE "order".orders SET product_cost_minor = 201, total_minor = 231
        WHERE id = '0de00000-0000-0000-0000-000000000001'"#,
        "order.orders 0de00000-0000-0000-0000-000000000001",
    ),
    (
        "payment-is-confirmed-once",
        r#"UPDATE "order".payment_event SET kind = 'SUCCEEDED' WHERE seq = 3"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "payment-history-has-no-gaps",
        r#"DELETE FROM "order".payment_event WHERE seq = 1"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "payment-pays-all-or-none",
        r#"INSERT INTO "order".payment_order (payment_id, order_id, amount_minor)
        VALUES ('ba000000-0000-0000-0000-000000000001', '0de00000-0000-0000-0000-000000000001', 230)"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "payment-amount-is-its-orders",
        r#"UPDATE "order".payment SET amount_minor = 299"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "paid-order-has-its-payment",
        r#"DELETE FROM "order".payment_order"#,
        "order.orders 0de00000-0000-0000-0000-000000000002",
    ),
    (
        "settled-order-is-sold",
        r#"DELETE FROM "order".ledger_entry WHERE kind = 'SALE'"#,
        "order.orders 0de00000-0000-0000-0000-000000000002",
    ),
    (
        "captured-money-is-matched",
        r#"UPDATE "order".payment_event SET detail = '{"amountHundredths": 30100}' WHERE seq = 3"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "reported-money-is-looked-into",
        r#"DELETE FROM "order".payment_event WHERE kind = 'ENQUIRY_OPENED'"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "stray-report-is-held",
        r#"DELETE FROM "order".stray_payment WHERE provider_transaction = '77'"#,
        "order.provider_exchange ec000000-0000-0000-0000-000000000001",
    ),
    (
        "stray-payment-is-given-back",
        r#"UPDATE "order".stray_payment SET updated_at = now() - interval '2 days' WHERE state = 'HELD'"#,
        "order.stray_payment 57000000-0000-0000-0000-000000000002",
    ),
    (
        "credit-is-in-the-ledger",
        r#"DELETE FROM "order".payment_credit"#,
        "order.payment ba000000-0000-0000-0000-000000000001",
    ),
    (
        "refund-is-in-the-ledger",
        r#"INSERT INTO "order".ledger_entry (id, transaction_id, position, kind, account, owner_id, amount_minor, currency,
            payment_id, refund_id)
        VALUES (gen_random_uuid(), gen_random_uuid(), 0, 'REFUND', 'BUYER_CREDIT',
            'acc00000-0000-0000-0000-000000000001', 5, 'VND', 'ba000000-0000-0000-0000-000000000001',
            'ef000000-0000-0000-0000-000000000001')"#,
        "order.refund ef000000-0000-0000-0000-000000000001",
    ),
    (
        "order-refunds-add-up",
        r#"UPDATE "order".orders SET refunded_minor = 1 WHERE id = '0de00000-0000-0000-0000-000000000002'"#,
        "order.orders 0de00000-0000-0000-0000-000000000002",
    ),
    (
        "payout-is-in-the-ledger",
        r#"INSERT INTO "order".ledger_entry (id, transaction_id, position, kind, account, owner_id, amount_minor, currency,
            payout_id)
        VALUES (gen_random_uuid(), gen_random_uuid(), 0, 'PAYOUT', 'PAID_OUT', 'acc00000-0000-0000-0000-000000000002', 5,
            'VND', '9a000000-0000-0000-0000-000000000001')"#,
        "order.payout 9a000000-0000-0000-0000-000000000001",
    ),
    (
        "ledger-balances",
        r#"UPDATE "order".ledger_entry SET amount_minor = 299 WHERE account = 'SELLER_EARNING'"#,
        "order.ledger_entry, transaction 1ed00000-0000-0000-0000-000000000001",
    ),
    (
        "use-has-live-item",
        r#"DELETE FROM "order".order_item WHERE id = '17e00000-0000-0000-0000-000000000001'"#,
        "promotion.promotion_use 17e00000-0000-0000-0000-000000000001/bf000000-0000-0000-0000-000000000001",
    ),
    (
        "promotion-counters-are-its-uses",
        "UPDATE promotion.promotion SET spent_minor = 11 WHERE kind = 'DISCOUNT'",
        "promotion.promotion bf000000-0000-0000-0000-000000000001",
    ),
    (
        "promotion-is-within-its-limits",
        "ALTER TABLE promotion.promotion DROP CONSTRAINT promotion_spent_within_budget;
        UPDATE promotion.promotion SET budget_minor = 9",
        "promotion.promotion bf000000-0000-0000-0000-000000000001",
    ),
    (
        "account-uses-are-its-uses",
        "DELETE FROM promotion.promotion_account_use",
        "promotion.promotion_account_use bf000000-0000-0000-0000-000000000001/acc00000-0000-0000-0000-000000000001",
    ),
    (
        "applied-promotion-is-counted",
        "UPDATE promotion.promotion_use SET given_back_at = now()",
        "order.order_item 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "transport-discount-is-counted",
        r#"UPDATE "order".orders SET transport_discount_minor = 10, total_minor = 220
        WHERE id = '0de00000-0000-0000-0000-000000000001'"#,
        "order.orders 0de00000-0000-0000-0000-000000000001",
    ),
    (
        "cashback-follows-delivery",
        "DELETE FROM promotion.cashback_entry",
        "promotion.promotion_use 17e00000-0000-0000-0000-000000000003/bf000000-0000-0000-0000-000000000002",
    ),
    (
        "cashback-is-in-the-ledger",
        r#"DELETE FROM "order".ledger_entry WHERE kind = 'CASHBACK'"#,
        "promotion.cashback_entry cb000000-0000-0000-0000-000000000001",
    ),
    (
        "promotion-unit-has-live-use",
        "UPDATE promotion.promotion_use SET reservation_id = '5e000000-0000-0000-0000-0000000000aa' WHERE cashback",
        "inventory.reservation 5e000000-0000-0000-0000-0000000000aa",
    ),
    (
        "uses-come-back-with-units",
        "UPDATE promotion.promotion_use SET returned_minor = 1 WHERE NOT cashback",
        "promotion.promotion_use 17e00000-0000-0000-0000-000000000001/bf000000-0000-0000-0000-000000000001",
    ),
    (
        "item-pays-what-is-left",
        r#"UPDATE "order".order_item SET paid_amount_minor = 89 WHERE id = '17e00000-0000-0000-0000-000000000001'"#,
        "order.order_item 17e00000-0000-0000-0000-000000000001",
    ),
    (
        "notifications-are-numbered",
        "DELETE FROM account.notification WHERE sequence = 1",
        "account.inbox acc00000-0000-0000-0000-000000000001",
    ),
    (
        "notified-once",
        r#"UPDATE account.notification SET metadata = '{"orderId": "0de00000-0000-0000-0000-000000000001"}'"#,
        "account.notification 90000000-0000-0000-0000-000000000001",
    ),
    (
        "interactions-count-once",
        "UPDATE analytic.popularity SET score_milli = 600, interaction_count = 2",
        "analytic.popularity bbb00000-0000-0000-0000-000000000001",
    ),
    (
        "messages-are-numbered",
        "DELETE FROM chat.message WHERE sequence = 1",
        "chat.conversation c4a00000-0000-0000-0000-000000000001",
    ),
    (
        "nobody-has-read-ahead",
        "UPDATE chat.participant SET read_sequence = 3",
        "chat.participant c4a00000-0000-0000-0000-000000000001/acc00000-0000-0000-0000-000000000001",
    ),
    (
        "feeds-are-numbered",
        r#"UPDATE "order".feed SET last_seq = 2"#,
        "order.feed acc00000-0000-0000-0000-000000000002/INCOMING",
    ),
];

/// Runs the program on a database.
fn check(database: &TestDatabase, more: &[&str]) -> Output {
    output(shopnexus().arg("check").args(more).env("DATABASE_URL", database.url.as_str()))
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

async fn run(database: &TestDatabase, sql: &str) {
    let owner = database.connect_as_owner().await;
    // One transaction, so that what is set for the session is not set for the next user of the connection.
    let txn = owner.begin().await.unwrap();
    txn.execute_unprepared("SET LOCAL session_replication_role = replica").await.unwrap();
    txn.execute_unprepared(sql).await.unwrap();
    txn.commit().await.unwrap();
    owner.close().await.unwrap();
}

async fn sound() -> TestDatabase {
    let database = TestDatabase::create().await;
    run(&database, include_str!("sound.sql")).await;
    database
}

#[tokio::test]
async fn an_empty_and_a_sound_database_are_clean() {
    for database in [TestDatabase::create().await, sound().await] {
        let seen = check(&database, &["--json"]);
        let said = answer(&seen);
        assert_eq!((&said["clean"], &said["broken"]), (&Value::Bool(true), &Value::Array(vec![])), "{said:#}");
        assert!(seen.status.success());
        assert_eq!(said["rules"], BREAKS.len(), "every rule is broken by this test");
    }
}

#[tokio::test]
async fn every_rule_that_is_broken_is_reported_with_its_row() {
    let mut unseen = Vec::new();
    for (rule, broken_by, row) in BREAKS {
        let database = sound().await;
        run(&database, broken_by).await;
        let seen = check(&database, &["--json"]);
        assert_eq!(seen.status.code(), Some(1), "{rule}");
        let said = answer(&seen);
        let named = |breach: &Value| breach["rule"] == *rule && breach["row"] == *row;
        if !said["broken"].as_array().unwrap().iter().any(named) {
            unseen.push(format!("{rule} of {row}: {said:#}"));
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[tokio::test]
async fn what_is_broken_is_named_for_people_too() {
    let database = sound().await;
    run(&database, "UPDATE promotion.promotion SET spent_minor = 11 WHERE kind = 'DISCOUNT'").await;
    let seen = check(&database, &[]);
    assert_eq!(seen.status.code(), Some(1));
    let text = String::from_utf8_lossy(&seen.stdout);
    assert!(text.contains("invariant 5, promotion-counters-are-its-uses"), "{text}");
    assert!(text.contains("bf000000-0000-0000-0000-000000000001: uses 1, spent 11; its live uses: 1, 10"), "{text}");
}

/// Patience is for work that ends meanwhile: here it ends a second later.
#[tokio::test(flavor = "multi_thread")]
async fn what_mends_itself_in_time_is_no_breach() {
    let database = sound().await;
    run(&database, "UPDATE promotion.promotion SET spent_minor = 11 WHERE kind = 'DISCOUNT'").await;
    let url = database.url.clone();
    let patient = tokio::task::spawn_blocking(move || {
        output(shopnexus().args(["check", "--json", "--patience", "60"]).env("DATABASE_URL", url.as_str()))
    });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(!patient.is_finished(), "it looks again");
    run(&database, "UPDATE promotion.promotion SET spent_minor = 10 WHERE kind = 'DISCOUNT'").await;
    assert!(patient.await.unwrap().status.success());
}

#[tokio::test]
async fn a_database_without_tables_is_a_failure_and_not_a_clean_bill() {
    let database = TestDatabase::create().await;
    run(&database, "DROP SCHEMA chat CASCADE").await;
    let seen = check(&database, &["--json"]);
    assert!(!seen.status.success());
    assert!(String::from_utf8_lossy(&seen.stderr).contains("the database cannot be checked"));
}
