//! Orders: their statuses, their histories and their totals.

use entities::order::{FeedRole, OrderItemState, OrderStatus, ShipmentStatus, orders};
use kernel::{AccountId, OrderId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, IntoActiveModel, TransactionTrait,
};
use service_kit::database::violated_constraint;

use super::samples::{check_histories, database, ids, order, order_fetch, states};
use crate::{
    feed, items,
    orders::store::{events_after, order_transition_in_txn, orders_transition_in_txn, shipment_event_append_in_txn},
};

async fn transition(
    db: &DatabaseConnection,
    order_id: OrderId,
    from: &[OrderStatus],
    to: OrderStatus,
) -> Option<orders::Model> {
    let txn = db.begin().await.unwrap();
    let changed = order_transition_in_txn(&txn, order_id, from, to, None).await.unwrap();
    txn.commit().await.unwrap();
    changed
}

#[tokio::test]
async fn an_order_moves_only_from_the_statuses_it_may() {
    let db = database().await;
    let order = order(&db, AccountId::new(), AccountId::new(), 1).await;
    let from = [OrderStatus::PayableOnDelivery, OrderStatus::Paid];
    assert_eq!(transition(&db, order.id, &from, OrderStatus::Shipping).await, None);
    assert_eq!(order_fetch(&db, order.id).await, order);
    let paid = transition(&db, order.id, &[OrderStatus::Confirmed], OrderStatus::Paid).await.unwrap();
    assert_eq!((paid.status, paid.event_seq), (OrderStatus::Paid, 2));
    assert!(transition(&db, order.id, &from, OrderStatus::Shipping).await.is_some());
    assert_eq!(transition(&db, OrderId::new(), &from, OrderStatus::Shipping).await, None);
    check_histories(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_move_an_order_exactly_one_does() {
    let db = database().await;
    let order = order(&db, AccountId::new(), AccountId::new(), 1).await;
    let tries = (0..20).map(|number| {
        let db = db.clone();
        let to = if number % 2 == 0 { OrderStatus::Paid } else { OrderStatus::Cancelled };
        tokio::spawn(async move { transition(&db, order.id, &[OrderStatus::Confirmed], to).await.is_some() })
    });
    let mut moved = 0;
    for one in tries.collect::<Vec<_>>() {
        moved += usize::from(one.await.unwrap());
    }
    assert_eq!(moved, 1);
    check_histories(&db).await;
}

#[tokio::test]
async fn items_follow_their_order() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    for (to, state) in [
        (OrderStatus::Delivered, OrderItemState::Delivered),
        (OrderStatus::Cancelled, OrderItemState::Cancelled),
        (OrderStatus::Returned, OrderItemState::Returned),
        (OrderStatus::Paid, OrderItemState::Confirmed),
    ] {
        let order = order(&db, buyer, seller, 2).await;
        let items = items::store::items_of_orders(&db, &[order.id]).await.unwrap();
        transition(&db, order.id, &[OrderStatus::Confirmed], to).await.unwrap();
        assert_eq!(states(&db, &ids(&items)).await, [state]);
        let received = items::store::items_received(&db, buyer, items[0].product_id).await.unwrap();
        assert_eq!(received.is_empty(), to != OrderStatus::Delivered, "only a delivered item entitles to a review");
    }
    check_histories(&db).await;
}

#[tokio::test]
async fn every_event_reaches_both_parties_with_the_number_of_the_order() {
    let db = database().await;
    let (buyer, seller) = (AccountId::new(), AccountId::new());
    let order = order(&db, buyer, seller, 1).await;
    transition(&db, order.id, &[OrderStatus::Confirmed], OrderStatus::Paid).await.unwrap();
    let txn = db.begin().await.unwrap();
    let moved = shipment_event_append_in_txn(&txn, order.id, ShipmentStatus::PickedUp).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!((moved.status, moved.event_seq), (OrderStatus::Paid, 3));

    let events = events_after(&db, order.id, 1, 10).await.unwrap();
    let shown: Vec<_> = events.iter().map(|(seq, event)| (*seq, event.to_status, event.shipment_status)).collect();
    let expected = [(2, OrderStatus::Paid, None), (3, OrderStatus::Paid, Some(ShipmentStatus::PickedUp))];
    assert_eq!(shown, expected);
    for (account, role) in [(buyer, FeedRole::Buyer), (seller, FeedRole::Seller)] {
        let entries = feed::store::entries_after(&db, account, role, 0, 10).await.unwrap();
        let told: Vec<_> = entries.iter().map(|(seq, entry)| (*seq, entry.order_id, entry.order_seq)).collect();
        let expected = [(1, 1), (2, 2), (3, 3)].map(|(seq, number)| (seq, Some(order.id), Some(number)));
        assert_eq!(told, expected);
    }
}

/// A payment moves orders of several sellers at once; two payments that share sellers must not block one another.
#[tokio::test(flavor = "multi_thread")]
async fn payments_over_the_same_sellers_do_not_deadlock() {
    let db = database().await;
    let sellers: Vec<AccountId> = (0..4).map(|_| AccountId::new()).collect();
    let mut payments = vec![];
    for number in 0..12 {
        let buyer = AccountId::new();
        let mut order_ids = vec![];
        for seller in &sellers {
            order_ids.push(order(&db, buyer, *seller, 1).await.id);
        }
        if number % 2 == 0 {
            order_ids.reverse();
        }
        payments.push(order_ids);
    }
    let payments: Vec<_> = payments
        .into_iter()
        .map(|order_ids| {
            let db = db.clone();
            tokio::spawn(async move {
                let txn = db.begin().await.unwrap();
                let from = [OrderStatus::Confirmed];
                let paid = orders_transition_in_txn(&txn, &order_ids, &from, OrderStatus::Paid, None).await.unwrap();
                txn.commit().await.unwrap();
                paid.len()
            })
        })
        .collect();
    for payment in payments {
        assert_eq!(payment.await.unwrap(), sellers.len());
    }
    check_histories(&db).await;
}

#[tokio::test]
async fn the_database_is_the_last_guard_of_totals_and_histories() {
    let db = database().await;
    let order = order(&db, AccountId::new(), AccountId::new(), 1).await;
    let totals = (
        order.product_cost_minor,
        order.product_discount_minor,
        order.transport_cost_minor,
        order.transport_discount_minor,
        order.total_minor,
    );
    assert_eq!(totals, (1000, 100, 300, 50, 1150));
    let mut wrong = order.clone().into_active_model();
    wrong.total_minor = Set(order.total_minor + 1);
    let refused = wrong.update(&db).await.unwrap_err();
    assert_eq!(violated_constraint(&refused), Some("orders_total"));
    for table in ["order_event", "order_item_event", "feed_entry", "operation_answer"] {
        for statement in
            [format!(r#"DELETE FROM "order".{table}"#), format!(r#"UPDATE "order".{table} SET at = now()"#)]
        {
            let refused = db.execute_unprepared(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("never changed or deleted"), "{statement}: {refused}");
        }
    }
}
