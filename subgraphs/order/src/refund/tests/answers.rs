//! Accepting, declining, disputing, deciding, and the time limit of the seller.

use futures::future::join_all;

use super::*;

const TWO: &[Line] = &[(2, 500, 900)];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_accept_and_withdraw_at_once_exactly_one_wins() {
    let market = Market::new().await;
    for _ in 0..20 {
        let order = market.order(TWO, 300, "VND").await;
        market.pay(&order, "vnpay-qr").await;
        let refund_id = market.asked(&order, &[1]).await.refund_id;
        let answers = join_all([
            market.act(refund_id, Party::Seller(market.seller), Move::Accept),
            market.act(refund_id, Party::Buyer(market.buyer), Move::Withdraw),
            market.act(refund_id, Party::Timer, Move::Accept),
            market.act(refund_id, Party::Seller(market.seller), Move::Decline),
        ])
        .await;
        let won = answers.iter().filter(|answer| matches!(answer, Answer::Done(_))).count();
        assert_eq!(won, 1, "{answers:?}");
        let (refund, item) = (market.refund(refund_id).await, market.items(&order).await.remove(0));
        let kept = samples::order_fetch(&market.db, order.id).await.refunded_minor;
        match refund.status {
            RefundStatus::Paying => assert_eq!((item.held_quantity, item.refunded_quantity, kept), (1, 1, 450)),
            RefundStatus::Withdrawn | RefundStatus::Declined => {
                assert_eq!((item.held_quantity, item.refunded_quantity, kept), (0, 0, 0));
            }
            other => panic!("{other:?}"),
        }
    }
    market.assert_sound().await;
}

#[tokio::test]
async fn a_declined_refund_is_disputed_and_decided_for_the_buyer() {
    let market = Market::new().await;
    let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[2]).await.refund_id;
    let (buyer, seller, admin) =
        (Party::Buyer(market.buyer), Party::Seller(market.seller), Party::Administrator(AccountId::new()));
    assert_eq!(refused(market.act(refund_id, buyer, Move::Dispute).await).0, ErrorCode::RefundNotDeclined);
    assert_eq!(refused(market.act(refund_id, admin, Move::Grant).await).0, ErrorCode::RefundNotDisputed);
    assert_eq!(done(market.act(refund_id, seller, Move::Decline).await).status, RefundStatus::Declined);
    assert_eq!(market.items(&order).await[0].held_quantity, 0, "others may claim the units");
    assert_eq!(done(market.act(refund_id, buyer, Move::Dispute).await).status, RefundStatus::Disputed);
    assert_eq!(market.items(&order).await[0].held_quantity, 2);
    let news = done(market.act(refund_id, admin, Move::Grant).await);
    assert_eq!((news.status, news.ships), (RefundStatus::Accepted, true));
    assert_eq!(refused(market.act(refund_id, admin, Move::Reject).await).0, ErrorCode::RefundNotDisputed);
    market.receive(&news).await;
    assert_eq!(market.status(&order).await, OrderStatus::Returned);
    market.assert_sound().await;
}

#[tokio::test]
async fn a_dispute_decided_for_the_seller_is_over() {
    let mut market = Market::new().await;
    let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
    let refund_id = market.asked(&order, &[2]).await.refund_id;
    let (buyer, seller) = (Party::Buyer(market.buyer), Party::Seller(market.seller));
    market.act(refund_id, seller, Move::Decline).await;
    market.act(refund_id, buyer, Move::Dispute).await;
    let decided = market.act(refund_id, Party::Administrator(AccountId::new()), Move::Reject).await;
    assert_eq!(done(decided).status, RefundStatus::Rejected);
    assert_eq!(refused(market.act(refund_id, buyer, Move::Dispute).await).0, ErrorCode::RefundNotDeclined);
    assert_eq!(market.items(&order).await[0].held_quantity, 0);

    market.rules.dispute = Duration::ZERO;
    let late = market.asked(&order, &[1]).await.refund_id;
    market.act(late, seller, Move::Decline).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(refused(market.act(late, buyer, Move::Dispute).await).0, ErrorCode::DisputeTooLate);
    market.assert_sound().await;
}

#[tokio::test]
async fn a_dispute_does_not_claim_what_another_refund_claims_by_now() {
    let market = Market::new().await;
    let order = market.bought(TWO, 300, "vnpay-qr", "VND").await;
    let first = market.asked(&order, &[2]).await.refund_id;
    market.act(first, Party::Seller(market.seller), Move::Decline).await;
    market.asked(&order, &[1]).await;
    let answer = market.act(first, Party::Buyer(market.buyer), Move::Dispute).await;
    assert_eq!(refused(answer), (ErrorCode::RefundQuantityOutOfRange, "refundId".to_owned()));
    assert_eq!(market.refund(first).await.status, RefundStatus::Declined);
    market.assert_sound().await;
}

#[tokio::test]
async fn a_seller_who_does_not_answer_has_accepted() {
    let market = Market::new().await;
    let order = market.bought(TWO, 300, "cod", "VND").await;
    let refund_id = market.asked(&order, &[1]).await.refund_id;
    let command = MoveRefund {
        operation_id: OperationId(refund_id.uuid()).child("expire"),
        refund_id,
        by: Party::Timer,
        answer: Move::Accept,
        note: None,
    };
    let first = refund_move(&market.db, &market.rules, &command).await.unwrap();
    assert_eq!(refund_move(&market.db, &market.rules, &command).await.unwrap(), first);
    assert_eq!(done(first).status, RefundStatus::Accepted);
    let declined = market.act(refund_id, Party::Seller(market.seller), Move::Decline).await;
    assert_eq!(refused(declined).0, ErrorCode::RefundNotPending);
}
