//! Parcels on their way.

use entities::order::{LedgerAccount, OrderItemState, ShipmentStatus, order_event, shipment, shipment_event};
use kernel::ShipmentId;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::*;
use crate::{
    ledger,
    payment::cancellation::{CancelOrder, order_cancel},
    shipment::moving::{Moved, shipment_move},
};

async fn parcel(world: &World, order: &orders::Model) -> shipment::Model {
    let found = shipment::Entity::find().filter(shipment::COLUMN.order_id.eq(order.id)).one(&world.db).await;
    found.unwrap().unwrap()
}

async fn go(world: &World, id: ShipmentId, to: ShipmentStatus) -> Moved {
    shipment_move(&world.db, fee(), id, to).await.unwrap()
}

const WAY: [ShipmentStatus; 3] = [ShipmentStatus::PickedUp, ShipmentStatus::InTransit, ShipmentStatus::Delivered];

#[tokio::test]
async fn a_paid_order_goes_with_its_parcel_to_the_door() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let parcel = parcel(&world, &order).await;
    let mut statuses = Vec::new();
    for to in WAY {
        assert!(matches!(go(&world, parcel.id, to).await, Moved::To { paid_at_the_door: false, .. }));
        statuses.push(world.status(&order).await);
    }
    assert_eq!(statuses, [OrderStatus::Shipping, OrderStatus::Shipping, OrderStatus::Delivered]);
    let item = order_item::Entity::find().one(&world.db).await.unwrap().unwrap();
    assert_eq!(item.state, OrderItemState::Delivered);
    let events = order_event::Entity::find().order_by_asc(order_event::Column::Seq).all(&world.db).await.unwrap();
    let told: Vec<_> = events.iter().map(|event| (event.to_status, event.shipment_status)).collect();
    assert_eq!(
        told,
        [
            (OrderStatus::Confirmed, Some(ShipmentStatus::Created)),
            (OrderStatus::Paid, None),
            (OrderStatus::Shipping, None),
            (OrderStatus::Shipping, Some(ShipmentStatus::PickedUp)),
            (OrderStatus::Shipping, Some(ShipmentStatus::InTransit)),
            (OrderStatus::Shipping, Some(ShipmentStatus::Delivered)),
            (OrderStatus::Delivered, None),
        ]
    );
    assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "no gaps");
}

#[tokio::test]
async fn the_same_move_at_once_is_recorded_once() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let parcel = parcel(&world, &order).await;
    let moves = (0..10).map(|_| go(&world, parcel.id, ShipmentStatus::PickedUp));
    let moved = futures::future::join_all(moves).await;
    assert!(moved.iter().all(|moved| matches!(moved, Moved::To { .. })));
    let events = shipment_event::Entity::find().all(&world.db).await.unwrap();
    assert_eq!(events.len(), 2, "created, picked up");
}

#[tokio::test]
async fn a_parcel_never_goes_back() {
    let world = World::new().await;
    let order = world.order().await;
    world.opened(&[&order], "cod").await;
    let parcel = parcel(&world, &order).await;
    go(&world, parcel.id, ShipmentStatus::InTransit).await;
    assert_eq!(go(&world, parcel.id, ShipmentStatus::PickedUp).await, Moved::Stopped);
    go(&world, parcel.id, ShipmentStatus::Delivered).await;
    assert_eq!(go(&world, parcel.id, ShipmentStatus::Failed).await, Moved::Stopped);
    assert_eq!(world.status(&order).await, OrderStatus::Delivered);
}

#[tokio::test]
async fn an_unpaid_or_cancelled_order_is_not_delivered() {
    let world = World::new().await;
    let (unpaid, given_up) = (world.order().await, world.order().await);
    let waiting = parcel(&world, &unpaid).await;
    assert_eq!(go(&world, waiting.id, ShipmentStatus::Delivered).await, Moved::Stopped);
    assert_eq!(world.status(&unpaid).await, OrderStatus::Confirmed);

    world.opened(&[&given_up], "cod").await;
    let cancel = CancelOrder { operation_id: OperationId::new(), buyer_id: world.buyer, order_id: given_up.id };
    order_cancel(&world.db, &cancel).await.unwrap();
    let stopped = parcel(&world, &given_up).await;
    assert_eq!(go(&world, stopped.id, ShipmentStatus::PickedUp).await, Moved::Stopped);
    assert_eq!(parcel(&world, &given_up).await.status, ShipmentStatus::Created);
}

#[tokio::test]
async fn cash_is_there_when_the_last_parcel_is() {
    let world = World::new().await;
    let (one, two) = (world.order().await, world.order().await);
    let opened = world.opened(&[&one, &two], "cod").await;
    let first = parcel(&world, &one).await;
    for to in WAY {
        assert!(matches!(go(&world, first.id, to).await, Moved::To { paid_at_the_door: true, .. }));
    }
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::OnDelivery);
    let earned = ledger::store::ledger_balances(&world.db, world.seller, LedgerAccount::SellerEarning).await.unwrap();
    assert_eq!(earned, [Money::new(125_000, kernel::Currency::VND)]);
    let second = parcel(&world, &two).await;
    for to in WAY {
        go(&world, second.id, to).await;
    }
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Succeeded);
    assert!(matches!(go(&world, second.id, ShipmentStatus::Delivered).await, Moved::To { paid_at_the_door: true, .. }));
}
