//! Money that was reported and is not what was asked for, and payments about which the provider does not decide.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entities::order::{CreditReason, PaymentEventKind, payment_credit, payment_event};
use sea_orm::{ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{
    ledger::assert_balanced,
    provider::{Provider, Says},
    *,
};
use crate::payment::{
    enquiry::{Enquiry, enquiry_ask, enquiry_close},
    reconciliation::{Asked, LOOK_BACK, payment_ask, payment_reconciled, unpaid_ask, waiting_fetch},
    report::Effect,
    store,
};

/// The enquiry that a report opens.
async fn doubted(world: &World, report: Report) -> Enquiry {
    match world.record(report).await.effect {
        Effect::Doubtful(enquiry) => enquiry,
        effect => panic!("{effect:?}"),
    }
}

/// Asks, records what there is, and closes what is over, as the durable handler does; what changes anything runs twice.
async fn look(world: &World, provider: &Provider, enquiry: &Enquiry) -> Asked {
    let told = enquiry_ask(&world.db, &provider.providers, enquiry).await.unwrap();
    if let Asked::Captured(report) = &told.asked {
        let operation_id = OperationId(enquiry.payment_id.uuid()).child(&enquiry.transaction);
        let record = Record { operation_id, report: (**report).clone(), asked: true };
        let first = report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap();
        assert_eq!(report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap(), first);
    }
    if let Some(outcome) = told.outcome(enquiry) {
        for _ in 0..2 {
            enquiry_close(&world.db, enquiry, outcome).await.unwrap();
        }
    }
    told.asked
}

/// The enquiries that the next round takes up.
async fn waiting(world: &World) -> Vec<Enquiry> {
    waiting_fetch(&world.db, None, Duration::ZERO, Duration::ZERO).await.unwrap().enquiries
}

/// Why there are credits, and of how much, the oldest first.
async fn credits(world: &World) -> Vec<(CreditReason, i64)> {
    let rows = payment_credit::Entity::find().order_by_asc(payment_credit::Column::Id).all(&world.db).await.unwrap();
    rows.iter().map(|row| (row.reason, row.amount_minor)).collect()
}

/// How often enquiries about a payment were opened, and closed.
async fn enquiries(world: &World, payment_id: PaymentId) -> (usize, usize) {
    let events = payment_event::Entity::find().filter(payment_event::COLUMN.payment_id.eq(payment_id)).all(&world.db);
    let kinds: Vec<_> = events.await.unwrap().iter().map(|event| event.kind).collect();
    let count = |kind| kinds.iter().filter(|one| **one == kind).count();
    (count(PaymentEventKind::EnquiryOpened), count(PaymentEventKind::EnquiryClosed))
}

#[tokio::test]
async fn a_short_capture_of_a_payment_that_is_over_is_credited_when_the_provider_has_it() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    store::payment_expire(&world.db, payment_id).await.unwrap();
    payment_reconciled(&world.db, payment_id).await.unwrap();

    let enquiry = doubted(&world, captured(payment_id, 100_000, "7")).await;
    let again = world.record(captured(payment_id, 100_000, "7")).await;
    assert_eq!(again.effect, Effect::None, "it is asked about already");
    assert!(credits(&world).await.is_empty(), "a report alone credits nothing");

    // It has less than was reported: what counts is what it has.
    let provider = Provider::new(&world, [Says::Transaction("7", "00", 99_000)]).await;
    look(&world, &provider, &enquiry).await;
    assert_eq!(credits(&world).await, [(CreditReason::Late, 99_000)]);
    let asked = provider.asked();
    assert_eq!((asked.len(), &asked[0]["vnp_TransactionNo"]), (1, &serde_json::json!("7")));
    assert_eq!(asked[0]["vnp_TxnRef"], reference(payment_id));
    assert_eq!(enquiries(&world, payment_id).await, (1, 1));
    assert_eq!(world.record(captured(payment_id, 100_000, "7")).await.effect, Effect::None, "it is a credit already");
    assert_eq!(world.status(&order).await, OrderStatus::Confirmed, "the order can still be paid");
    assert_balanced(&world).await;
}

#[tokio::test]
async fn a_second_capture_of_another_amount_of_a_paid_payment_is_a_duplicate() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    world.record(captured(payment_id, 130_000, "1")).await;
    let own = world.record(captured(payment_id, 5_000, "1")).await;
    assert_eq!(own.effect, Effect::None, "this transaction has paid it");
    let enquiry = doubted(&world, captured(payment_id, 5_000, "2")).await;
    let provider = Provider::new(&world, [Says::Transaction("2", "00", 5_000)]).await;
    look(&world, &provider, &enquiry).await;
    assert_eq!(credits(&world).await, [(CreditReason::Duplicate, 5_000)]);
    assert_eq!(world.status(&order).await, OrderStatus::Paid);
    assert_balanced(&world).await;
}

#[tokio::test]
async fn what_was_reported_while_a_payment_waited_is_asked_about_when_it_waits_no_more() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    let enquiry = doubted(&world, captured(payment_id, 5_000, "1")).await;
    let provider = Provider::new(&world, [Says::Transaction("1", "00", 5_000)]).await;
    assert!(matches!(look(&world, &provider, &enquiry).await, Asked::Undecided));
    assert!(provider.asked().is_empty(), "it may yet pay the payment");
    world.record(captured(payment_id, 130_000, "2")).await;
    look(&world, &provider, &enquiry).await;
    assert_eq!(credits(&world).await, [(CreditReason::Duplicate, 5_000)]);
    assert_eq!(enquiries(&world, payment_id).await, (1, 1));
    assert_balanced(&world).await;
}

#[tokio::test]
async fn an_enquiry_ends_when_the_provider_has_nothing_and_is_opened_again_by_another_report() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    store::payment_expire(&world.db, payment_id).await.unwrap();
    let provider = Provider::new(&world, [Says::NotFound, Says::Transaction("1", "02", 5_000)]).await;
    for round in 1..=2 {
        let enquiry = doubted(&world, captured(payment_id, 5_000, "1")).await;
        let found: Vec<String> = waiting(&world).await.into_iter().map(|enquiry| enquiry.transaction).collect();
        assert_eq!(found, ["1"]);
        assert!(matches!(look(&world, &provider, &enquiry).await, Asked::Nothing));
        assert!(waiting(&world).await.is_empty());
        assert_eq!(enquiries(&world, payment_id).await, (round, round));
    }
    assert!(credits(&world).await.is_empty());
}

#[tokio::test]
async fn an_answer_that_does_not_decide_leaves_an_enquiry_open() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    store::payment_expire(&world.db, payment_id).await.unwrap();
    let enquiry = doubted(&world, captured(payment_id, 5_000, "1")).await;
    let undecided = ["01", "04", "07"].map(|status| Says::Transaction("1", status, 5_000));
    let provider = Provider::new(&world, undecided).await;
    for _ in 0..3 {
        assert!(matches!(look(&world, &provider, &enquiry).await, Asked::Undecided));
    }
    assert!(matches!(look(&world, &provider, &enquiry).await, Asked::Unreachable), "it says nothing more");
    let other = Provider::new(&world, [Says::Transaction("2", "00", 5_000), Says::Transaction("2", "02", 5_000)]).await;
    for _ in 0..2 {
        assert!(matches!(look(&world, &other, &enquiry).await, Asked::Unreachable), "another transaction is no answer");
    }
    assert_eq!(enquiries(&world, payment_id).await, (1, 0));
    assert_eq!(waiting(&world).await.len(), 1, "the next round asks again");
    assert!(credits(&world).await.is_empty());
}

#[tokio::test]
async fn an_enquiry_that_nobody_answers_in_time_is_over() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    store::payment_expire(&world.db, payment_id).await.unwrap();
    let enquiry = doubted(&world, captured(payment_id, 5_000, "1")).await;
    let silent = Provider::new(&world, []).await;
    assert!(matches!(look(&world, &silent, &enquiry).await, Asked::Unreachable));
    assert_eq!(enquiries(&world, payment_id).await, (1, 0), "there is time left");
    let late = Enquiry { until: enquiry.until - LOOK_BACK, ..enquiry };
    assert!(matches!(look(&world, &silent, &late).await, Asked::Unreachable));
    assert_eq!(enquiries(&world, payment_id).await, (1, 1));
    assert!(waiting(&world).await.is_empty());
}

#[tokio::test]
async fn a_capture_that_is_under_way_is_asked_about_again() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    let says = [("01", 130_000), ("01", 130_000), ("02", 130_000), ("00", 130_000)];
    let provider = Provider::new(&world, says.map(|(status, amount)| Says::Transaction("1", status, amount))).await;
    let (exchanges, vnpay) = (&provider.providers.exchanges, provider.providers.payment.vnpay().unwrap());
    assert!(payment_ask(&world.db, exchanges, vnpay, payment_id).await.unwrap().is_none());
    store::payment_expire(&world.db, payment_id).await.unwrap();
    assert!(matches!(unpaid_ask(&world.db, exchanges, vnpay, payment_id).await.unwrap(), Asked::Undecided));
    assert!(matches!(unpaid_ask(&world.db, exchanges, vnpay, payment_id).await.unwrap(), Asked::Nothing));
    assert!(matches!(unpaid_ask(&world.db, exchanges, vnpay, payment_id).await.unwrap(), Asked::Captured(_)));
    assert!(provider.asked().iter().all(|asked| asked.get("vnp_TransactionNo").is_none()), "whichever there is");
}

/// Payments about which the provider does not decide for days keep none from their turn.
#[tokio::test]
async fn of_more_payments_than_a_round_asks_about_each_has_its_turn() {
    let world = World::new().await;
    let ended = |number: i64| {
        let at = Utc::now() - chrono::Duration::minutes(60 + number);
        payment::Model {
            id: PaymentId::new(),
            buyer_id: world.buyer,
            option_id: "vnpay-qr".to_owned(),
            status: PaymentStatus::Expired,
            currency: "VND".to_owned(),
            amount_minor: 130_000,
            redirect_url: None,
            expires_at: Some(at),
            provider_transaction: None,
            event_seq: 0,
            created_at: at,
            updated_at: at,
            reconciled_at: None,
        }
    };
    let rows = (0..70).map(ended).map(|row| row.into_active_model().reset_all());
    payment::Entity::insert_many(rows).exec_without_returning(&world.db).await.unwrap();
    let round = async |from: Option<DateTime<Utc>>| {
        waiting_fetch(&world.db, from, Duration::ZERO, Duration::ZERO).await.unwrap()
    };
    let first = round(None).await;
    assert!(first.unpaid.len() < 70 && first.next_from.is_some());
    let second = round(first.next_from).await;
    assert_eq!(second.next_from, None, "then it begins anew");
    let seen: HashSet<PaymentId> = first.unpaid.iter().chain(&second.unpaid).copied().collect();
    assert_eq!(seen.len(), 70);
}
