//! Receipt, settlement and repayment.

use entities::order::{
    OrderItemState, PaidVia, PaymentEventKind, PaymentStatus, payment, payment_credit, payment_event, return_shipment,
};

use super::*;
use crate::{
    providers::exchanges::Exchanges,
    refund::{receipt::receipt_assume, returning::return_move},
};

const LINES: &[Line] = &[(2, 500, 900), (1, 300, 300)];

#[tokio::test]
async fn goods_go_back_and_the_money_follows_to_the_minor_unit() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "vnpay-qr", "VND").await;
    let first = market.refunded(&order, &[1, 1]).await;
    assert_eq!((first.status, first.paid_via), (RefundStatus::Refunded, Some(PaidVia::Provider)));
    assert_eq!((first.goods_minor, first.transport_minor), (750, 0));
    assert_eq!(market.status(&order).await, OrderStatus::Delivered);
    let states: Vec<_> = market.items(&order).await.iter().map(|item| item.state).collect();
    assert_eq!(states, [OrderItemState::Delivered, OrderItemState::Returned]);
    let last = market.refunded(&order, &[1, 0]).await;
    assert_eq!((last.goods_minor, last.transport_minor), (450, 77), "the last one brings the transport back");
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    for account in [
        LedgerAccount::SellerEarning,
        LedgerAccount::PlatformFee,
        LedgerAccount::BuyerCredit,
        LedgerAccount::BuyerClearing,
    ] {
        assert_eq!(market.ledger(account).await, 0, "{account:?}");
    }
    let payment = payment::Entity::find().one(&market.db).await.unwrap().unwrap();
    assert_eq!(payment.status, PaymentStatus::Refunded);
    market.assert_sound().await;
}

#[tokio::test]
async fn what_has_not_left_is_cancelled_at_once_without_a_return_parcel() {
    let market = Market::new().await;
    let order = market.order(LINES, 77, "VND").await;
    market.pay(&order, "vnpay-qr").await;
    let part = market.asked(&order, &[1, 0]).await;
    let news = market.accept(part.refund_id).await;
    assert_eq!((news.status, news.ships, news.stocks), (RefundStatus::Paying, false, true));
    assert_eq!((market.status(&order).await, news.ended.len()), (OrderStatus::Paid, 0));
    let rest = market.asked(&order, &[1, 1]).await;
    let news = market.accept(rest.refund_id).await;
    assert_eq!((news.total.amount_minor, news.ended.len()), (450 + 300 + 77, 2));
    assert_eq!(market.status(&order).await, OrderStatus::Cancelled);
    assert!(return_shipment::Entity::find().all(&market.db).await.unwrap().is_empty());
    assert!(market.items(&order).await.iter().all(|item| item.state == OrderItemState::Cancelled));
    assert_eq!(market.go(&order, ShipmentStatus::PickedUp).await, moving::Moved::Stopped);
    market.assert_sound().await;
}

#[tokio::test]
async fn the_seller_says_in_which_condition_every_unit_is() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "vnpay-qr", "VND").await;
    let news = market.asked(&order, &[2, 0]).await;
    let early = receipt_confirm(&market.db, &market.receipt(&news, |units| (units, 0))).await.unwrap();
    assert_eq!(refused(early).0, ErrorCode::RefundNotReturning, "it is not accepted yet");
    let news = market.accept(news.refund_id).await;
    for split in [(1, 0), (3, 0), (3, -1), (-1, 3), (i32::MAX, 1)] {
        let mut confirm = market.receipt(&news, |units| (units, 0));
        (confirm.conditions[0].sellable, confirm.conditions[0].damaged) = split;
        let answer = receipt_confirm(&market.db, &confirm).await.unwrap();
        assert_eq!(refused(answer).0, ErrorCode::RefundQuantityOutOfRange, "{split:?}");
    }
    let mut none = market.receipt(&news, |units| (units, 0));
    none.conditions.clear();
    assert_eq!(refused(receipt_confirm(&market.db, &none).await.unwrap()).0, ErrorCode::ItemNotFound);
    let stranger = ConfirmReceipt { seller_id: AccountId::new(), ..market.receipt(&news, |units| (units, 0)) };
    assert_eq!(refused(receipt_confirm(&market.db, &stranger).await.unwrap()).0, ErrorCode::RefundNotFound);
    let confirm = market.receipt(&news, |_| (1, 1));
    let first = receipt_confirm(&market.db, &confirm).await.unwrap();
    assert_eq!(receipt_confirm(&market.db, &confirm).await.unwrap(), first);
    let news = done(first);
    let line = &news.take_back(None).lines[0];
    assert_eq!((line.sellable, line.damaged, news.stocks), (1, 1, true));
    let again = receipt_confirm(&market.db, &market.receipt(&news, |units| (units, 0))).await.unwrap();
    assert_eq!(refused(again).0, ErrorCode::RefundNotReturning);
    market.assert_sound().await;
}

#[tokio::test]
async fn the_money_goes_when_the_seller_says_nothing_and_the_goods_can_be_looked_at_later() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[2, 0]).await.refund_id;
    market.accept(refund_id).await;
    assert_eq!(receipt_assume(&market.db, refund_id).await.unwrap(), None, "the goods have not arrived");
    for to in [ShipmentStatus::PickedUp, ShipmentStatus::Delivered] {
        let first = return_move(&market.db, refund_id, to).await.unwrap();
        assert_eq!(return_move(&market.db, refund_id, to).await.unwrap(), first);
    }
    assert_eq!(return_move(&market.db, refund_id, ShipmentStatus::InTransit).await.unwrap(), None);
    let first = receipt_assume(&market.db, refund_id).await.unwrap().unwrap();
    let again = receipt_assume(&market.db, refund_id).await.unwrap().unwrap();
    assert_eq!((first.status, first.stocks, &first.ended), (RefundStatus::Paying, false, &again.ended));
    market.repay(refund_id, paid_back()).await;
    let news = done(receipt_confirm(&market.db, &market.receipt(&first, |units| (0, units))).await.unwrap());
    assert_eq!((news.status, news.stocks), (RefundStatus::Refunded, true));
    market.assert_sound().await;
}

#[tokio::test]
async fn a_provider_that_refuses_is_asked_again_and_pays_once() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "vnpay-qr", "VND").await;
    let news = market.accept(market.asked(&order, &[2, 1]).await.refund_id).await;
    market.receive(&news).await;
    let refused = || RefundAnswer::Refused { code: "99".to_owned() };
    assert_eq!(market.repay(news.refund_id, RefundAnswer::Unreachable).await, Repaid::Later);
    assert_eq!(market.refund(news.refund_id).await.attempts, 0, "silence is no answer: the same request again");
    assert_eq!(market.repay(news.refund_id, refused()).await, Repaid::Later);
    assert_eq!(market.refund(news.refund_id).await.attempts, 1);
    assert!(matches!(market.repay(news.refund_id, paid_back()).await, Repaid::Done(_)));
    assert_eq!(market.repay(news.refund_id, paid_back()).await, Repaid::Over);
    let kinds: Vec<_> =
        payment_event::Entity::find().all(&market.db).await.unwrap().into_iter().map(|event| event.kind).collect();
    let count = |kind| kinds.iter().filter(|one| **one == kind).count();
    assert_eq!((count(PaymentEventKind::RefundRefused), count(PaymentEventKind::Refunded)), (1, 1));
    assert_eq!(market.ledger(LedgerAccount::BuyerCredit).await, 0);
    market.assert_sound().await;
}

#[tokio::test]
async fn money_that_the_provider_does_not_take_back_is_a_credit() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "vnpay-qr", "VND").await;
    let news = market.accept(market.asked(&order, &[2, 1]).await.refund_id).await;
    market.receive(&news).await;
    for _ in 0..3 {
        market.repay(news.refund_id, RefundAnswer::Refused { code: "95".to_owned() }).await;
    }
    assert_eq!(market.refund(news.refund_id).await.paid_via, Some(PaidVia::Credit));
    let credits = payment_credit::Entity::find().all(&market.db).await.unwrap();
    assert_eq!(credits.iter().map(|credit| credit.amount_minor).collect::<Vec<_>>(), [order.total_minor]);
    assert_eq!(market.ledger(LedgerAccount::BuyerCredit).await, order.total_minor);
    market.assert_sound().await;
}

#[tokio::test]
async fn cash_comes_back_as_a_credit() {
    let market = Market::new().await;
    let order = market.bought(LINES, 77, "cod", "VND").await;
    let news = market.accept(market.asked(&order, &[0, 1]).await.refund_id).await;
    market.receive(&news).await;
    let attempt = repayment::attempt_begin(&market.db, news.refund_id).await.unwrap().unwrap();
    let exchanges = Exchanges::new(&reqwest::Client::new(), &market.db);
    let asked = repayment::attempt_make(&market.db, &exchanges, &market.providers, &attempt).await.unwrap();
    assert_eq!(asked, RefundAnswer::NotPossible);
    market.repay(news.refund_id, asked).await;
    assert_eq!(market.refund(news.refund_id).await.paid_via, Some(PaidVia::Credit));
    assert_eq!(market.ledger(LedgerAccount::BuyerCredit).await, 300);
    assert_eq!(market.ledger(LedgerAccount::PlatformFee).await, 45, "5 % of what was kept");
    market.assert_sound().await;
}

#[tokio::test]
async fn what_was_free_needs_no_money() {
    let market = Market::new().await;
    let order = market.bought(&[(1, 500, 0), (1, 10, 10)], 5, "vnpay-qr", "VND").await;
    let news = market.accept(market.asked(&order, &[1, 0]).await.refund_id).await;
    market.receive(&news).await;
    market.repay(news.refund_id, RefundAnswer::NotPossible).await;
    assert_eq!(market.refund(news.refund_id).await.paid_via, Some(PaidVia::Nothing));
    assert_eq!(market.items(&order).await[0].state, OrderItemState::Returned);
    market.assert_sound().await;
}
