//! Cancelling unpaid orders.

use entities::order::OrderItemState;

use super::*;
use crate::payment::{
    cancellation::{CancelAnswer, CancelOrder, order_cancel},
    report::Effect,
};

fn cancel(world: &World, order: &orders::Model) -> CancelOrder {
    CancelOrder { operation_id: OperationId::new(), buyer_id: world.buyer, order_id: order.id }
}

#[tokio::test]
async fn an_unpaid_order_is_cancelled_with_its_items() {
    let world = World::new().await;
    let order = world.order().await;
    let cancel = cancel(&world, &order);
    let first = order_cancel(&world.db, &cancel).await.unwrap();
    let CancelAnswer::Cancelled(cancelled) = &first else { panic!("{first:?}") };
    assert_eq!(cancelled.items.len(), 1);
    assert_eq!(order_cancel(&world.db, &cancel).await.unwrap(), first, "the same operation, the same answer");
    assert_eq!(world.status(&order).await, OrderStatus::Cancelled);
    let item = order_item::Entity::find_by_id(cancelled.items[0].0).one(&world.db).await.unwrap().unwrap();
    assert_eq!(item.state, OrderItemState::Cancelled);
}

#[tokio::test]
async fn only_its_buyer_cancels_an_order() {
    let world = World::new().await;
    let order = world.order().await;
    for stranger in [world.seller, AccountId::new()] {
        let cancel = CancelOrder { buyer_id: stranger, ..cancel(&world, &order) };
        assert_eq!(order_cancel(&world.db, &cancel).await.unwrap(), CancelAnswer::NotFound);
    }
    assert_eq!(world.status(&order).await, OrderStatus::Confirmed);
}

#[tokio::test]
async fn a_paid_order_is_not_cancelled() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    assert_eq!(order_cancel(&world.db, &cancel(&world, &order)).await.unwrap(), CancelAnswer::TooLate);
    assert_eq!(world.status(&order).await, OrderStatus::Paid);
}

#[tokio::test]
async fn money_for_a_payment_that_lost_an_order_is_credited_whole() {
    let world = World::new().await;
    let (kept, given_up) = (world.order().await, world.order().await);
    let opened = world.opened(&[&kept, &given_up], "vnpay-qr").await;
    order_cancel(&world.db, &cancel(&world, &given_up)).await.unwrap();
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Failed);
    let recorded = world.record(captured(opened.payment_id, 260_000, "1")).await;
    assert!(matches!(recorded.effect, Effect::Credited { .. }));
    assert_eq!(world.status(&kept).await, OrderStatus::Confirmed);
    world.opened(&[&kept], "vnpay-qr").await;
}

#[tokio::test]
async fn what_a_carrier_collects_shrinks_by_a_cancelled_order() {
    let world = World::new().await;
    let (kept, given_up) = (world.order().await, world.order().await);
    let opened = world.opened(&[&kept, &given_up], "cod").await;
    order_cancel(&world.db, &cancel(&world, &given_up)).await.unwrap();
    let payment = world.payment(opened.payment_id).await;
    assert_eq!((payment.status, payment.amount_minor), (PaymentStatus::OnDelivery, 130_000));
    order_cancel(&world.db, &cancel(&world, &kept)).await.unwrap();
    let payment = world.payment(opened.payment_id).await;
    assert_eq!((payment.status, payment.amount_minor), (PaymentStatus::Failed, 0));
}
