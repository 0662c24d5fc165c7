//! Parcels that come back to their sender.

use entities::order::{OrderItemState, PaymentStatus, RefundKind, payment};

use super::*;

const LINES: &[Line] = &[(2, 500, 900), (1, 300, 300)];

#[tokio::test]
async fn a_paid_order_whose_parcel_comes_back_is_refunded_with_its_transport() {
    let market = Market::new().await;
    let order = market.order(LINES, 77, "VND").await;
    market.pay(&order, "vnpay-qr").await;
    market.go(&order, ShipmentStatus::InTransit).await;
    market.go(&order, ShipmentStatus::Failed).await;
    assert_eq!(market.status(&order).await, OrderStatus::Shipping, "a failed delivery may still be mended");
    let first = market.go(&order, ShipmentStatus::Returned).await;
    assert_eq!(market.go(&order, ShipmentStatus::Returned).await, first, "the same report again changes nothing");
    let moving::Moved::To { refund_id: Some(refund_id), .. } = first else { panic!("{first:?}") };
    let refund = market.refund(refund_id).await;
    assert_eq!((refund.kind, refund.status), (RefundKind::Undelivered, RefundStatus::Paying));
    assert_eq!(refund.goods_minor + refund.transport_minor, order.total_minor);
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    assert!(market.items(&order).await.iter().all(|item| item.state == OrderItemState::Returned));
    market.repay(refund_id, paid_back()).await;
    assert_eq!(market.ledger(LedgerAccount::SellerEarning).await, 0);
    assert_eq!(market.go(&order, ShipmentStatus::Delivered).await, moving::Moved::Stopped);
    market.assert_sound().await;
}

#[tokio::test]
async fn cash_of_a_parcel_that_comes_back_is_not_settled() {
    let market = Market::new().await;
    let order = market.order(LINES, 77, "VND").await;
    let payment_id = market.pay(&order, "cod").await;
    market.go(&order, ShipmentStatus::PickedUp).await;
    let moved = market.go(&order, ShipmentStatus::Returned).await;
    assert!(matches!(moved, moving::Moved::To { refund_id: None, .. }), "{moved:?}");
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    let payment = payment::Entity::find_by_id(payment_id).one(&market.db).await.unwrap().unwrap();
    assert_eq!((payment.status, payment.amount_minor), (PaymentStatus::Failed, 0));
    assert_eq!(market.ledger(LedgerAccount::BuyerClearing).await, 0);
    market.assert_sound().await;
}

#[tokio::test]
async fn refunds_that_were_under_way_are_closed_and_those_that_were_paid_count() {
    let market = Market::new().await;
    let order = market.order(LINES, 77, "VND").await;
    market.pay(&order, "vnpay-qr").await;
    let cancelled = market.refunded(&order, &[1, 0]).await;
    let pending = market.asked(&order, &[0, 1]).await.refund_id;
    market.go(&order, ShipmentStatus::PickedUp).await;
    let moved = market.go(&order, ShipmentStatus::Returned).await;
    let moving::Moved::To { refund_id: Some(refund_id), .. } = moved else { panic!("{moved:?}") };
    assert_eq!(market.refund(pending).await.status, RefundStatus::Closed);
    let rest = market.refund(refund_id).await;
    assert_eq!(cancelled.goods_minor + rest.goods_minor + rest.transport_minor, order.total_minor);
    market.assert_sound().await;
}

#[tokio::test]
async fn what_was_accepted_on_the_way_goes_back_after_it_has_come() {
    let market = Market::new().await;
    let order = market.order(LINES, 77, "VND").await;
    market.pay(&order, "vnpay-qr").await;
    let refund_id = market.asked(&order, &[2, 1]).await.refund_id;
    market.go(&order, ShipmentStatus::PickedUp).await;
    let news = market.accept(refund_id).await;
    assert_eq!((news.status, news.ships), (RefundStatus::Accepted, false), "it has to arrive first");
    market.go(&order, ShipmentStatus::Delivered).await;
    market.receive(&news).await;
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    market.assert_sound().await;
}
