//! Goods that were to go back and were never handed over.

use super::*;
use crate::refund::{
    lapse::{Due, lapse, lapse_read},
    returning::{return_move, return_set_code},
};

const TWO: &[Line] = &[(2, 500, 900)];

#[tokio::test]
async fn a_return_that_nobody_hands_over_is_declined_and_an_administrator_can_still_grant_the_money() {
    let market = Market::new().await;
    let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[2]).await.refund_id;
    assert_eq!(lapse_read(&market.db, refund_id).await.unwrap(), Due::Over, "it is not accepted yet");
    market.accept(refund_id).await;
    return_set_code(&market.db, refund_id, "R1").await.unwrap();
    let expected = Some(("table-rate".to_owned(), "R1".to_owned()));
    assert_eq!(lapse_read(&market.db, refund_id).await.unwrap(), Due::Lapsed { expected });
    let news = lapse(&market.db, &market.rules, refund_id).await.unwrap().unwrap();
    assert_eq!(news.status, RefundStatus::Declined);
    assert_eq!(lapse(&market.db, &market.rules, refund_id).await.unwrap(), Some(news), "a step that runs twice");
    let refund = market.refund(refund_id).await;
    assert!(refund.dispute_until.is_some() && refund.note.is_some());
    assert_eq!(market.items(&order).await[0].held_quantity, 0, "the units can be refunded anew");
    assert_eq!(
        return_move(&market.db, refund_id, ShipmentStatus::PickedUp).await.unwrap().map(|news| news.status),
        Some(RefundStatus::Declined)
    );

    let admin = Party::Administrator(AccountId::new());
    done(market.act(refund_id, Party::Buyer(market.buyer), Move::Dispute).await);
    let news = done(market.act(refund_id, admin, Move::Grant).await);
    assert_eq!((news.status, news.ships), (RefundStatus::Paying, false), "the parcel had its time");
    market.repay(refund_id, paid_back()).await;
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    market.assert_sound().await;
}

#[tokio::test]
async fn a_return_that_a_carrier_has_does_not_lapse() {
    let market = Market::new().await;
    let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[1]).await.refund_id;
    market.accept(refund_id).await;
    for status in [ShipmentStatus::PickedUp, ShipmentStatus::InTransit, ShipmentStatus::Delivered] {
        return_move(&market.db, refund_id, status).await.unwrap();
        assert_eq!(lapse_read(&market.db, refund_id).await.unwrap(), Due::Later);
        assert_eq!(lapse(&market.db, &market.rules, refund_id).await.unwrap(), None);
    }
    assert_eq!(market.refund(refund_id).await.status, RefundStatus::Accepted);
    market.assert_sound().await;
}

#[tokio::test]
async fn a_return_waits_for_its_goods_to_come_first() {
    let market = Market::new().await;
    let order = market.order(TWO, 300, "VND").await;
    market.pay(&order, "vnpay-qr").await;
    let refund_id = market.asked(&order, &[1]).await.refund_id;
    market.go(&order, ShipmentStatus::PickedUp).await;
    market.accept(refund_id).await;
    assert_eq!(lapse_read(&market.db, refund_id).await.unwrap(), Due::Later);
    market.go(&order, ShipmentStatus::Delivered).await;
    assert!(matches!(lapse_read(&market.db, refund_id).await.unwrap(), Due::Lapsed { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_the_time_limit_the_carrier_and_the_receipt_at_once_one_decides() {
    let market = Market::new().await;
    for _ in 0..20 {
        let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
        let news = market.asked(&order, &[1]).await;
        let news = market.accept(news.refund_id).await;
        let receipt = market.receipt(&news, |units| (units, 0));
        let (lapsed, moved, received) = tokio::join!(
            lapse(&market.db, &market.rules, news.refund_id),
            return_move(&market.db, news.refund_id, ShipmentStatus::PickedUp),
            receipt_confirm(&market.db, &receipt),
        );
        moved.unwrap();
        let (lapsed, received) = (lapsed.unwrap().is_some(), matches!(received.unwrap(), Answer::Done(_)));
        let status = market.refund(news.refund_id).await.status;
        assert_eq!((lapsed, received), (status == RefundStatus::Declined, status == RefundStatus::Paying));
    }
    market.assert_sound().await;
}
