//! Asking, changing, withdrawing.

use futures::future::join_all;

use super::*;
use crate::refund::{command::EditRefund, requesting::refund_edit};

const THREE: &[Line] = &[(3, 40, 100)];

#[tokio::test]
async fn a_refund_claims_its_units_and_stands_in_the_history_of_the_order() {
    let market = Market::new().await;
    let order = market.bought(THREE, 30, "vnpay-qr", "VND").await;
    let news = market.asked(&order, &[1]).await;
    assert_eq!((news.status, news.total.amount_minor), (RefundStatus::Pending, 33));
    let item = market.items(&order).await.remove(0);
    assert_eq!((item.held_quantity, item.held_minor, item.refunded_quantity), (1, 33, 0));
    let events = crate::orders::store::events_of_orders(&market.db, &[order.id]).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!((last.refund_id, last.refund_status), (Some(news.refund_id), Some(RefundStatus::Pending)));
    market.assert_sound().await;
}

#[tokio::test]
async fn more_than_was_bought_is_refused_by_its_line_and_changes_nothing() {
    let market = Market::new().await;
    let order = market.bought(THREE, 30, "vnpay-qr", "VND").await;
    for units in [4, -1, i32::MAX, i32::MIN] {
        let answer = market.ask(&market.request(order.id, market.wishes(&order, &[units]).await)).await;
        assert_eq!(refused(answer), (ErrorCode::RefundQuantityOutOfRange, "lines.0.quantity".to_owned()));
    }
    let mut none = market.wishes(&order, &[1]).await;
    none[0].quantity = 0;
    let answer = market.ask(&market.request(order.id, none)).await;
    assert_eq!(refused(answer).0, ErrorCode::RefundQuantityOutOfRange);
    market.asked(&order, &[2]).await;
    let answer = market.ask(&market.request(order.id, market.wishes(&order, &[2]).await)).await;
    assert_eq!(refused(answer).0, ErrorCode::RefundQuantityOutOfRange, "two of three are claimed already");
    let mut twice = market.wishes(&order, &[1]).await;
    twice.push(twice[0].clone());
    let answer = market.ask(&market.request(order.id, twice)).await;
    assert_eq!(refused(answer), (ErrorCode::ItemNotFound, "lines.1.itemId".to_owned()));
    assert_eq!(store::refunds_of_orders(&market.db, &[order.id]).await.unwrap().len(), 1);
    market.assert_sound().await;
}

#[tokio::test]
async fn an_order_that_is_unpaid_or_on_its_way_is_not_refundable() {
    let market = Market::new().await;
    let order = market.order(THREE, 30, "VND").await;
    let wishes = market.wishes(&order, &[1]).await;
    let ask = async || refused(market.ask(&market.request(order.id, wishes.clone())).await);
    assert_eq!(ask().await, (ErrorCode::OrderNotRefundable, "orderId".to_owned()));
    market.pay(&order, "cod").await;
    assert_eq!(ask().await.0, ErrorCode::OrderNotRefundable, "before delivery nothing is paid");
    market.go(&order, ShipmentStatus::PickedUp).await;
    assert_eq!(ask().await.0, ErrorCode::OrderNotRefundable);
    market.go(&order, ShipmentStatus::Delivered).await;
    done(market.ask(&market.request(order.id, wishes.clone())).await);
}

#[tokio::test]
async fn an_order_that_was_delivered_too_long_ago_is_not_refundable() {
    let mut market = Market::new().await;
    let order = market.bought(THREE, 30, "vnpay-qr", "VND").await;
    market.rules.window = Duration::ZERO;
    let answer = market.ask(&market.request(order.id, market.wishes(&order, &[1]).await)).await;
    assert_eq!(refused(answer).0, ErrorCode::RefundWindowOver);
}

#[tokio::test]
async fn somebody_elses_order_and_refund_are_not_there() {
    let market = Market::new().await;
    let order = market.bought(THREE, 30, "vnpay-qr", "VND").await;
    let stranger = AccountId::new();
    for buyer_id in [stranger, market.seller] {
        let request = RequestRefund { buyer_id, ..market.request(order.id, market.wishes(&order, &[1]).await) };
        assert_eq!(refused(market.ask(&request).await).0, ErrorCode::OrderNotFound);
    }
    let refund_id = market.asked(&order, &[1]).await.refund_id;
    for (by, answer) in [
        (Party::Seller(stranger), Move::Accept),
        (Party::Seller(market.buyer), Move::Accept),
        (Party::Buyer(market.seller), Move::Withdraw),
        (Party::Buyer(stranger), Move::Withdraw),
    ] {
        assert_eq!(refused(market.act(refund_id, by, answer).await).0, ErrorCode::RefundNotFound);
    }
    assert_eq!(market.refund(refund_id).await.status, RefundStatus::Pending);
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer() {
    let market = Market::new().await;
    let order = market.bought(THREE, 30, "vnpay-qr", "VND").await;
    let request = market.request(order.id, market.wishes(&order, &[2]).await);
    let answers = join_all((0..8).map(|_| async {
        // Whoever loses the race for the answer's row is run again, as a durable step is.
        loop {
            let draft = match requesting::request_begin(&market.db, &request).await.unwrap() {
                Ok(draft) => draft,
                Err(answer) => break answer,
            };
            if let Ok(answer) = refund_request(&market.db, &market.rules, &draft, &request).await {
                break answer;
            }
        }
    }))
    .await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(store::refunds_of_orders(&market.db, &[order.id]).await.unwrap().len(), 1);
    market.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_never_claim_more_than_was_bought() {
    let market = Market::new().await;
    let order = market.bought(&[(5, 100, 499)], 30, "vnpay-qr", "VND").await;
    let wishes = market.wishes(&order, &[1]).await;
    let requests: Vec<_> = (0..20).map(|_| market.request(order.id, wishes.clone())).collect();
    let answers = join_all(requests.iter().map(|request| market.ask(request))).await;
    let claimed = answers.into_iter().filter(|answer| matches!(answer, Answer::Done(_)));
    let amounts: Vec<i64> = claimed.map(|answer| done(answer).total.amount_minor).collect();
    assert_eq!((amounts.len(), amounts.iter().sum::<i64>()), (5, 499));
    market.assert_sound().await;
}

#[tokio::test]
async fn a_pending_refund_is_changed_and_withdrawn_once() {
    let market = Market::new().await;
    let order = market.bought(&[(3, 40, 100), (1, 70, 70)], 30, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[3, 0]).await.refund_id;
    let edit = EditRefund {
        operation_id: OperationId::new(),
        buyer_id: market.buyer,
        refund_id,
        wishes: Some(market.wishes(&order, &[1, 1]).await),
        reason: Some("Too small".to_owned()),
        image_ids: None,
        method: Some(ReturnMethod::DropOff),
    };
    for _ in 0..2 {
        assert_eq!(done(refund_edit(&market.db, &edit).await.unwrap()).total.amount_minor, 33 + 70);
    }
    let refund = market.refund(refund_id).await;
    assert_eq!((refund.reason.as_str(), refund.method, refund.event_seq), ("Too small", ReturnMethod::DropOff, 2));
    market.assert_sound().await;
    let too_many = EditRefund {
        operation_id: OperationId::new(),
        wishes: Some(market.wishes(&order, &[4, 0]).await),
        ..edit.clone()
    };
    assert_eq!(refused(refund_edit(&market.db, &too_many).await.unwrap()).0, ErrorCode::RefundQuantityOutOfRange);
    market.assert_sound().await;

    let buyer = Party::Buyer(market.buyer);
    assert_eq!(done(market.act(refund_id, buyer, Move::Withdraw).await).status, RefundStatus::Withdrawn);
    assert_eq!(refused(market.act(refund_id, buyer, Move::Withdraw).await).0, ErrorCode::RefundNotPending);
    let late = EditRefund { operation_id: OperationId::new(), ..edit };
    assert_eq!(refused(refund_edit(&market.db, &late).await.unwrap()).0, ErrorCode::RefundNotPending);
    assert!(market.items(&order).await.iter().all(|item| item.held_quantity == 0 && item.held_minor == 0));
    market.assert_sound().await;
}

#[tokio::test]
async fn units_with_serials_are_named_and_claimed_once() {
    let market = Market::new().await;
    let order = market.order_with_serials(&["S1", "S2", "S3"]).await;
    market.pay(&order, "vnpay-qr").await;
    let named = |serials: &[&str], mut wishes: Vec<Wish>| {
        wishes[0].serials = serials.iter().map(|serial| (*serial).to_owned()).collect();
        market.request(order.id, wishes)
    };
    let one = market.wishes(&order, &[1]).await;
    for serials in [&[][..], &["S9"], &["S1", "S2"], &["S1", "S1"]] {
        let answer = market.ask(&named(serials, one.clone())).await;
        assert_eq!(refused(answer), (ErrorCode::SerialsInvalid, "lines.0.serials".to_owned()), "{serials:?}");
    }
    done(market.ask(&named(&["S2"], one.clone())).await);
    assert_eq!(refused(market.ask(&named(&["S2"], one)).await).0, ErrorCode::SerialsInvalid);
    let rest = market.wishes(&order, &[2]).await;
    let news = done(market.ask(&named(&[], rest)).await);
    assert_eq!(news.lines[0].0.serials, ["S1", "S3"], "all that are left need no names");
}
