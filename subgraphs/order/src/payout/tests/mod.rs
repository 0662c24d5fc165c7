//! Payouts on a real database.

use std::time::Duration;

use entities::order::{LedgerAccount, PayoutStatus, payout};
use futures::future::join_all;
use kernel::{AccountId, Currency, Money, OperationId, PayoutId};
use sea_orm::EntityTrait;

use super::{
    Hold,
    store::{Answer, Balance, DecidePayout, RequestPayout, balances, payout_decide, payout_request},
};
use crate::{
    error::ErrorCode,
    refund::{
        command::{Move, Party},
        tests::Market,
    },
};

const NONE: Hold = Hold(Duration::ZERO);

fn vnd(amount_minor: i64) -> Money {
    Money::new(amount_minor, Currency::VND)
}

async fn balance(market: &Market, hold: Hold) -> Balance {
    let found = balances(&market.db, market.seller, hold).await.unwrap();
    found.into_iter().next().unwrap_or(Balance { available: vnd(0), pending: vnd(0) })
}

fn request(market: &Market, amount: Money) -> RequestPayout {
    RequestPayout { operation_id: OperationId::new(), seller_id: market.seller, amount }
}

fn decide(payout_id: PayoutId, is_paid: bool) -> DecidePayout {
    DecidePayout {
        operation_id: OperationId::new(),
        admin_id: AccountId::new(),
        payout_id,
        is_paid,
        reference: Some("FT1".to_owned()),
        note: None,
    }
}

fn done(answer: Answer) -> PayoutId {
    match answer {
        Answer::Done(told) => told.payout_id,
        Answer::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn refused(answer: Answer) -> ErrorCode {
    match answer {
        Answer::Done(told) => panic!("{told:?}"),
        Answer::Refused(refusal) => refusal.code,
    }
}

#[tokio::test]
async fn money_is_pending_until_the_order_can_no_longer_be_refunded() {
    let market = Market::new().await;
    let order = market.order(&[(2, 500, 1000)], 100, "VND").await;
    assert!(balances(&market.db, market.seller, NONE).await.unwrap().is_empty());
    market.pay(&order, "vnpay-qr").await;
    assert_eq!(balance(&market, NONE).await, Balance { available: vnd(0), pending: vnd(1050) }, "not delivered");
    market.go(&order, entities::order::ShipmentStatus::Delivered).await;
    assert_eq!(balance(&market, Hold::default()).await.available, vnd(0), "it can be refunded for days");
    assert_eq!(balance(&market, NONE).await, Balance { available: vnd(1050), pending: vnd(0) });
    let refund_id = market.asked(&order, &[1]).await.refund_id;
    assert_eq!(balance(&market, NONE).await.available, vnd(0), "a refund is under way");
    market.act(refund_id, Party::Seller(market.seller), Move::Decline).await;
    assert_eq!(balance(&market, NONE).await.available, vnd(0), "it can be disputed");
    market.act(refund_id, Party::Buyer(market.buyer), Move::Dispute).await;
    market.act(refund_id, Party::Administrator(AccountId::new()), Move::Reject).await;
    assert_eq!(balance(&market, NONE).await.available, vnd(1050));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_at_once_never_take_more_than_there_is() {
    let market = Market::new().await;
    market.bought(&[(2, 500, 1000)], 100, "vnpay-qr", "VND").await;
    let requests: Vec<_> = (0..20).map(|_| request(&market, vnd(400))).collect();
    let answers = join_all(requests.iter().map(|request| payout_request(&market.db, NONE, request))).await;
    let made = answers.into_iter().filter(|answer| matches!(answer.as_ref().unwrap(), Answer::Done(_))).count();
    assert_eq!(made, 2, "1,050 are there");
    assert_eq!(balance(&market, NONE).await.available, vnd(250));
    assert_eq!(market.ledger(LedgerAccount::SellerPayout).await, 800);
    market.assert_sound().await;
}

#[tokio::test]
async fn amounts_that_are_not_there_are_refused_by_name() {
    let market = Market::new().await;
    market.bought(&[(2, 500, 1000)], 100, "vnpay-qr", "VND").await;
    for amount in [vnd(0), vnd(-1), vnd(1051), vnd(i64::MAX), Money::new(1, Currency::USD)] {
        let answer = payout_request(&market.db, NONE, &request(&market, amount)).await.unwrap();
        assert_eq!(refused(answer), ErrorCode::PayoutAmountInvalid, "{amount}");
    }
    let stranger = RequestPayout { seller_id: AccountId::new(), ..request(&market, vnd(1)) };
    let answer = payout_request(&market.db, NONE, &stranger).await.unwrap();
    assert_eq!(refused(answer), ErrorCode::PayoutAmountInvalid, "nobody takes what is somebody else's");
    assert!(payout::Entity::find().all(&market.db).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_key_sets_aside_once_and_a_decision_is_made_once() {
    let market = Market::new().await;
    market.bought(&[(2, 500, 1000)], 100, "vnpay-qr", "VND").await;
    let one = request(&market, vnd(600));
    let first = payout_request(&market.db, NONE, &one).await.unwrap();
    assert_eq!(payout_request(&market.db, NONE, &one).await.unwrap(), first);
    let paid = done(first);
    assert_eq!(balance(&market, NONE).await.available, vnd(450));
    let decision = decide(paid, true);
    let answer = payout_decide(&market.db, &decision).await.unwrap();
    assert_eq!(payout_decide(&market.db, &decision).await.unwrap(), answer);
    assert_eq!(refused(payout_decide(&market.db, &decide(paid, false)).await.unwrap()), ErrorCode::PayoutDecided);
    let unknown = decide(PayoutId::new(), true);
    assert_eq!(refused(payout_decide(&market.db, &unknown).await.unwrap()), ErrorCode::PayoutNotFound);

    let rejected = done(payout_request(&market.db, NONE, &request(&market, vnd(450))).await.unwrap());
    done(payout_decide(&market.db, &decide(rejected, false)).await.unwrap());
    assert_eq!(balance(&market, NONE).await.available, vnd(450), "it is available again");
    assert_eq!(market.ledger(LedgerAccount::PaidOut).await, 600);
    assert_eq!(market.ledger(LedgerAccount::SellerPayout).await, 0);
    let row = payout::Entity::find_by_id(paid).one(&market.db).await.unwrap().unwrap();
    assert_eq!((row.status, row.reference.as_deref()), (PayoutStatus::Paid, Some("FT1")));
    market.assert_sound().await;
}
