//! Everything at once: whatever interleaves, captured money is matched.

use std::collections::HashSet;

use entities::order::{LedgerAccount, ledger_entry, payment_credit, payment_order};
use futures::future::{BoxFuture, FutureExt, join_all};
use sea_orm::{ColumnTrait, QueryFilter};

use super::{ledger::assert_balanced, *};
use crate::payment::{
    cancellation::{CancelOrder, order_cancel},
    store,
};

/// Each payment is captured, expires, is given up and loses an order, all at once, while its orders are paid anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn captured_money_is_always_matched() {
    let world = World::new().await;
    let mut all_orders = Vec::new();
    let mut payments = Vec::new();
    for _ in 0..12 {
        let (one, two) = (world.order().await, world.order().await);
        payments.push((world.opened(&[&one, &two], "vnpay-qr").await.payment_id, one.clone(), two.clone()));
        all_orders.extend([one, two]);
    }
    let mut work: Vec<BoxFuture<'_, ()>> = Vec::new();
    for (number, (payment_id, one, two)) in payments.iter().enumerate() {
        let (world, payment_id) = (&world, *payment_id);
        for transaction in ["a", "b", "a"] {
            let report = captured(payment_id, 260_000, &format!("{number}{transaction}"));
            work.push(async move { _ = world.record(report).await }.boxed());
        }
        if number % 2 == 0 {
            work.push(async move { _ = store::payment_expire(&world.db, payment_id).await.unwrap() }.boxed());
        }
        if number % 3 == 0 {
            work.push(async move { _ = world.record(cancelled(payment_id, 260_000)).await }.boxed());
        }
        if number % 4 == 0 {
            let cancel = CancelOrder { operation_id: OperationId::new(), buyer_id: world.buyer, order_id: one.id };
            work.push(async move { _ = order_cancel(&world.db, &cancel).await.unwrap() }.boxed());
        }
        let again = world.pay(&[two], "cod");
        work.push(async move { _ = world.open(&again).await }.boxed());
    }
    join_all(work).await;

    for (payment_id, ..) in &payments {
        let captures = captures_matched(&world, *payment_id).await;
        assert_eq!(captures, 2, "two transactions captured the money of {payment_id}");
    }
    for order in &all_orders {
        let open: Vec<_> = payment_order::Entity::find()
            .filter(payment_order::COLUMN.order_id.eq(order.id))
            .filter(payment_order::Column::Open.eq(true))
            .all(&world.db)
            .await
            .unwrap();
        match world.status(order).await {
            OrderStatus::Paid => {
                assert_eq!(open.len(), 1);
                assert_eq!(world.payment_status(open[0].payment_id).await, PaymentStatus::Succeeded);
            }
            OrderStatus::PayableOnDelivery => assert_eq!(open.len(), 1),
            OrderStatus::Confirmed | OrderStatus::Cancelled => assert!(open.is_empty()),
            other => panic!("{other:?}"),
        }
    }
    assert_balanced(&world).await;
    samples::check_histories(&world.db).await;
}

/// How many captures of a payment are matched: by its orders, all of which are paid, or by a credit.
async fn captures_matched(world: &World, payment_id: PaymentId) -> usize {
    let credits = payment_credit::Entity::find()
        .filter(payment_credit::COLUMN.payment_id.eq(payment_id))
        .all(&world.db)
        .await
        .unwrap();
    let transactions: HashSet<&str> = credits.iter().map(|credit| credit.provider_transaction.as_str()).collect();
    assert_eq!(transactions.len(), credits.len());
    let sales: HashSet<Option<OrderId>> = ledger_entry::Entity::find()
        .filter(ledger_entry::COLUMN.payment_id.eq(payment_id))
        .filter(ledger_entry::Column::Account.eq(LedgerAccount::BuyerClearing))
        .filter(ledger_entry::Column::OrderId.is_not_null())
        .all(&world.db)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.order_id)
        .collect();
    let paid = world.payment_status(payment_id).await == PaymentStatus::Succeeded;
    assert_eq!(sales.len(), if paid { 2 } else { 0 }, "all orders of a payment are paid, or none");
    credits.len() + usize::from(paid)
}
