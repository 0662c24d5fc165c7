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
use crate::providers::payment::vnpay::report::IpnAnswer;

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
        let captures = captures_of(&world, *payment_id, 2).await;
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

/// The report and the time limit come at once: the order is paid, or the money is a credit, and never both or neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_report_and_the_time_limit_at_once_one_wins_and_no_money_is_lost() {
    let world = World::new().await;
    for round in 0..30 {
        let order = world.order().await;
        let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
        let report = captured(payment_id, 130_000, &format!("r{round}"));
        let (recorded, expired) = tokio::join!(world.record(report), store::payment_expire(&world.db, payment_id));
        assert_eq!(recorded.answer, IpnAnswer::Confirmed);
        let is_expired = expired.unwrap().is_some();
        assert_eq!(captures_of(&world, payment_id, 1).await, 1);
        let expected = if is_expired {
            (PaymentStatus::Expired, OrderStatus::Confirmed)
        } else {
            (PaymentStatus::Succeeded, OrderStatus::Paid)
        };
        assert_eq!((world.payment_status(payment_id).await, world.status(&order).await), expected);
    }
    assert_balanced(&world).await;
    samples::check_histories(&world.db).await;
}

/// Orders of two sellers in one payment, whose first attempt the provider refuses while the second one is captured: both
/// orders share their fate, whatever comes first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_of_a_payment_to_two_sellers_leaves_both_unpaid_or_both_paid() {
    let world = World::new().await;
    for round in 0..20 {
        let one = world.order().await;
        let two = world.order_of(AccountId::new(), "VND", 50_000, 0).await;
        let payment_id = world.opened(&[&one, &two], "vnpay-bank").await.payment_id;
        let refused = Report {
            response_code: "51".to_owned(),
            transaction_status: "02".to_owned(),
            ..captured(payment_id, 180_000, &format!("refused{round}"))
        };
        let report = captured(payment_id, 180_000, &format!("captured{round}"));
        tokio::join!(world.record(refused.clone()), world.record(report), world.record(refused));
        assert_eq!(captures_of(&world, payment_id, 2).await, 1);
        let expected = match world.payment_status(payment_id).await {
            PaymentStatus::Succeeded => OrderStatus::Paid,
            PaymentStatus::Failed => OrderStatus::Confirmed,
            other => panic!("{other:?}"),
        };
        assert_eq!((world.status(&one).await, world.status(&two).await), (expected, expected));
        if expected == OrderStatus::Confirmed {
            let again = world.opened(&[&one, &two], "vnpay-qr").await.payment_id;
            world.record(captured(again, 180_000, &format!("again{round}"))).await;
            assert_eq!((world.status(&one).await, world.status(&two).await), (OrderStatus::Paid, OrderStatus::Paid));
        }
    }
    assert_balanced(&world).await;
    samples::check_histories(&world.db).await;
}

/// How many captures of a payment are matched: by its orders, all of which are paid, or by a credit.
async fn captures_of(world: &World, payment_id: PaymentId, orders: usize) -> usize {
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
    assert_eq!(sales.len(), if paid { orders } else { 0 }, "all orders of a payment are paid, or none");
    credits.len() + usize::from(paid)
}
