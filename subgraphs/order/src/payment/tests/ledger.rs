//! The ledger's own rules, which the database holds.

use contracts::promotion::CashbackEntry;
use entities::order::{LedgerAccount, LedgerKind, ledger_entry};
use kernel::{Currency, LedgerEntryId, OrderItemId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, Statement};
use service_kit::database::violated_constraint;

use super::*;
use crate::ledger::{
    Entry, Source, Transaction,
    cashback::cashback_record,
    store::{ledger_balances, ledger_write_in_txn},
};

async fn write(world: &World, payment_id: PaymentId, amounts: &[(i64, Currency)]) -> Result<(), DbErr> {
    let entries = amounts.iter().map(|(amount, currency)| Entry {
        kind: LedgerKind::Sale,
        account: LedgerAccount::SellerEarning,
        owner_id: Some(world.seller),
        amount: Money::new(*amount, *currency),
    });
    let transaction = Transaction {
        id: OperationId::new(),
        source: Source::Payment { payment_id, order_id: None, refund_id: None },
        entries: entries.collect(),
    };
    let txn = world.db.begin().await.unwrap();
    ledger_write_in_txn(&txn, &transaction).await.unwrap();
    txn.commit().await
}

#[tokio::test]
async fn a_transaction_that_does_not_balance_cannot_commit() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "cod").await.payment_id;
    let (vnd, usd) = (Currency::VND, Currency::USD);
    write(&world, payment_id, &[(5, vnd), (-3, vnd), (-2, vnd)]).await.unwrap();
    write(&world, payment_id, &[(5, vnd), (7, usd), (-7, usd), (-5, vnd)]).await.unwrap();
    // The last one adds up to nothing, but not in each of its currencies.
    for wrong in [&[(5, vnd), (-3, vnd)], &[(5, usd), (-3, usd)], &[(5, vnd), (-5, usd)]] {
        let refused = write(&world, payment_id, wrong).await.unwrap_err();
        assert_eq!(violated_constraint(&refused), Some("ledger_balances"), "{wrong:?}");
    }
    assert_eq!(ledger_entry::Entity::find().all(&world.db).await.unwrap().len(), 3 + 4);
    assert_balanced(&world).await;
}

#[tokio::test]
async fn an_entry_is_never_changed_or_deleted() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "cod").await.payment_id;
    write(&world, payment_id, &[(1, Currency::VND), (-1, Currency::VND)]).await.unwrap();
    for sql in [
        r#"UPDATE "order".ledger_entry SET amount_minor = 2"#,
        r#"DELETE FROM "order".ledger_entry"#,
        r#"UPDATE "order".payment_event SET detail = '{}'"#,
        r#"DELETE FROM "order".shipment_event"#,
    ] {
        let refused = world.db.execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(refused.contains("never changed or deleted"), "{refused}");
    }
}

#[tokio::test]
async fn a_transaction_that_was_written_is_not_written_again() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let txn = world.db.begin().await.unwrap();
    report::sale_write_in_txn(&txn, opened.payment_id, &order, fee()).await.unwrap();
    txn.commit().await.unwrap();
    let entries = ledger_entry::Entity::find().all(&world.db).await.unwrap();
    assert_eq!(entries.len(), 4);
    let ids: std::collections::HashSet<LedgerEntryId> = entries.iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn cashback_is_charged_to_whom_bears_it_once_and_given_back_with_the_goods() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let entry = |borne_by, amount| CashbackEntry {
        entry_id: OperationId::new(),
        item_id: OrderItemId::new(),
        buyer_id: world.buyer,
        borne_by,
        amount: Money::new(amount, Currency::VND),
    };
    let entries =
        [entry(Some(world.seller), 5_000), entry(None, 1_000), entry(Some(world.seller), -2_000), entry(None, -1_000)];
    // Whoever comes first tells a part of it, and somebody tells it again.
    let (first, all) =
        (cashback_record(&world.db, order.id, &entries[..2]), cashback_record(&world.db, order.id, &entries));
    let (first, all) = tokio::join!(first, all);
    first.and(all).unwrap();
    cashback_record(&world.db, order.id, &entries).await.unwrap();
    let sum = async |account: LedgerAccount| -> i64 {
        let rows = ledger_entry::Entity::find().filter(ledger_entry::Column::Account.eq(account)).all(&world.db).await;
        rows.unwrap().iter().filter(|row| row.kind == LedgerKind::Cashback).map(|row| row.amount_minor).sum()
    };
    assert_eq!(sum(LedgerAccount::SellerEarning).await, -3_000);
    assert_eq!(sum(LedgerAccount::PlatformCashback).await, 0);
    assert_eq!(sum(LedgerAccount::BuyerCashback).await, 3_000);
    assert_balanced(&world).await;
}

/// Sales in two currencies, one of them in cents: each balance is in its own.
#[tokio::test]
async fn what_is_earned_in_two_currencies_is_kept_apart() {
    let world = World::new().await;
    let (dong, dollars) = (world.order().await, world.order_of(world.seller, "USD", 110, 250).await);
    for order in [&dong, &dollars] {
        let payment_id = world.opened(&[order], "cod").await.payment_id;
        let txn = world.db.begin().await.unwrap();
        report::sale_write_in_txn(&txn, payment_id, order, fee()).await.unwrap();
        txn.commit().await.unwrap();
    }
    let balances = ledger_balances(&world.db, world.seller, LedgerAccount::SellerEarning).await.unwrap();
    // 5 % of 1.10 USD is 5.5 cents, which the platform rounds up.
    let earned = [Money::new(110 + 250 - 6, Currency::USD), Money::new(130_000 - 5_000, Currency::VND)];
    assert_eq!(balances, earned, "by currency");
    assert_balanced(&world).await;
}

/// What every ledger must add up to, whatever has happened: each transaction to nothing in each of its currencies.
pub(super) async fn assert_balanced(world: &World) {
    let sql = r#"SELECT transaction_id::text AS transaction_id, currency, sum(amount_minor)::bigint AS total
        FROM "order".ledger_entry GROUP BY transaction_id, currency"#;
    let rows = world.db.query_all_raw(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await.unwrap();
    assert!(!rows.is_empty(), "something was written");
    for row in rows {
        let text = |name: &str| row.try_get::<String>("", name).unwrap();
        let total: i64 = row.try_get("", "total").unwrap();
        assert_eq!(total, 0, "{} of transaction {}", text("currency"), text("transaction_id"));
    }
}
