//! Recording what providers report.

use entities::order::{
    CreditReason, LedgerAccount, OrderItemState, PaymentEventKind, order_event, payment_credit, payment_event,
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use super::*;
use crate::{
    ledger,
    payment::{report::Effect, store},
    providers::payment::vnpay::report::IpnAnswer,
};

async fn credits(world: &World) -> Vec<payment_credit::Model> {
    payment_credit::Entity::find().all(&world.db).await.unwrap()
}

#[tokio::test]
async fn twenty_reports_at_once_confirm_once() {
    let world = World::new().await;
    for round in 1..=10 {
        let transaction = format!("1422611{round}");
        twenty_reports_confirm_once(&world, &transaction).await;
        let earned =
            ledger::store::ledger_balances(&world.db, world.seller, LedgerAccount::SellerEarning).await.unwrap();
        assert_eq!(earned, [Money::new(250_000 * round, kernel::Currency::VND)]);
    }
    assert!(credits(&world).await.is_empty());
}

async fn twenty_reports_confirm_once(world: &World, transaction: &str) {
    let (one, two) = (world.order().await, world.order().await);
    let opened = world.opened(&[&one, &two], "vnpay-qr").await;
    let reports = (0..20).map(|_| world.record(captured(opened.payment_id, 260_000, transaction)));
    let recorded = futures::future::join_all(reports).await;
    let count = |answer| recorded.iter().filter(|recorded| recorded.answer == answer).count();
    assert_eq!((count(IpnAnswer::Confirmed), count(IpnAnswer::AlreadyConfirmed)), (1, 19));
    assert_eq!(recorded.iter().filter(|recorded| recorded.effect != Effect::None).count(), 1);
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Succeeded);
    for order in [&one, &two] {
        assert_eq!(world.status(order).await, OrderStatus::Paid);
        let paid = order_event::Entity::find()
            .filter(order_event::COLUMN.order_id.eq(order.id))
            .filter(order_event::Column::ToStatus.eq(OrderStatus::Paid))
            .count(&world.db)
            .await
            .unwrap();
        assert_eq!(paid, 1);
    }
}

#[tokio::test]
async fn a_step_that_runs_twice_knows_its_own_result() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let record =
        Record { operation_id: OperationId::new(), report: captured(opened.payment_id, 130_000, "1"), asked: false };
    let first = report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap();
    let again = report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap();
    assert!(matches!(first.effect, Effect::Paid(_)));
    assert_eq!(first, again);
}

#[tokio::test]
async fn another_amount_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let mut doubts = 0;
    for amount in [129_999, 130_001, 0, -130_000] {
        let recorded = world.record(captured(opened.payment_id, amount, "1")).await;
        assert_eq!(recorded.answer, IpnAnswer::WrongAmount);
        match recorded.effect {
            Effect::Doubtful(_) => doubts += 1,
            effect => assert_eq!(effect, Effect::None),
        }
    }
    assert_eq!(doubts, 1, "it is asked about once");
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
    assert_eq!(world.status(&order).await, OrderStatus::Confirmed);
    let reported = payment_event::Entity::find()
        .filter(payment_event::Column::Kind.eq(PaymentEventKind::Reported))
        .count(&world.db)
        .await
        .unwrap();
    assert_eq!(reported, 4, "what was reported stands in the history");
}

#[tokio::test]
async fn a_report_of_another_merchant_or_of_no_payment_finds_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let report = captured(opened.payment_id, 130_000, "1");
    let stranger = Report { tmn_code: "SOMEBODY".to_owned(), ..report.clone() };
    assert_eq!(world.record(stranger).await.answer, IpnAnswer::NotFound);
    let unknown = Report { payment_id: Some(PaymentId::new()), ..report.clone() };
    assert_eq!(world.record(unknown).await.answer, IpnAnswer::NotFound);
    assert_eq!(world.record(Report { payment_id: None, ..report }).await.answer, IpnAnswer::NotFound);
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
}

#[tokio::test]
async fn a_payment_on_delivery_takes_no_reports() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "cod").await;
    let recorded = world.record(captured(opened.payment_id, 130_000, "1")).await;
    assert_eq!(recorded.answer, IpnAnswer::NotFound);
    assert_eq!(world.status(&order).await, OrderStatus::PayableOnDelivery);
}

#[tokio::test]
async fn money_that_comes_after_expiry_is_credited_once() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    assert_eq!(store::payment_expire(&world.db, opened.payment_id).await.unwrap(), Some(world.buyer));
    let reports = (0..10).map(|_| world.record(captured(opened.payment_id, 130_000, "7")));
    let recorded = futures::future::join_all(reports).await;
    let told = recorded.iter().filter(|recorded| matches!(recorded.effect, Effect::Credited { .. })).count();
    assert_eq!(told, 1);
    let credits = credits(&world).await;
    assert_eq!(credits.len(), 1);
    assert_eq!((credits[0].reason, credits[0].amount_minor), (CreditReason::Late, 130_000));
    assert_eq!(world.status(&order).await, OrderStatus::Confirmed, "the order can still be paid");
    let owed = ledger::store::ledger_balances(&world.db, world.buyer, LedgerAccount::BuyerCredit).await.unwrap();
    assert_eq!(owed, [Money::new(130_000, kernel::Currency::VND)]);
}

/// Less, or more, than was asked for: it pays nothing, and it is not lost either.
#[tokio::test]
async fn another_amount_that_the_provider_vouches_for_is_credited_once_when_the_payment_has_ended() {
    let world = World::new().await;
    for (round, amount) in [(1, 129_999), (2, 130_001), (3, 1)] {
        let order = world.order().await;
        let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
        let report = captured(payment_id, amount, &format!("short{round}"));
        let ask = async |asked| {
            let record = Record { operation_id: OperationId::new(), report: report.clone(), asked };
            report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap()
        };
        assert!(matches!(ask(true).await.effect, Effect::Doubtful(_)), "it still waits");
        store::payment_expire(&world.db, payment_id).await.unwrap();
        assert_eq!(ask(false).await.effect, Effect::None, "whoever reported it may be mistaken, and is looked into");
        let answers = futures::future::join_all([ask(true), ask(true), ask(true)]).await;
        assert!(answers.iter().all(|recorded| recorded.answer != IpnAnswer::Confirmed));
        let told = answers.iter().filter(|recorded| matches!(recorded.effect, Effect::Credited { .. })).count();
        assert_eq!(told, 1);
        let credits: Vec<i64> = credits(&world).await.iter().map(|credit| credit.amount_minor).collect();
        assert!(credits.len() == round && credits.contains(&amount), "{credits:?}");
        assert_eq!(world.status(&order).await, OrderStatus::Confirmed, "the order can still be paid");
    }
    super::ledger::assert_balanced(&world).await;
}

#[tokio::test]
async fn a_second_capture_of_a_paid_payment_is_credited() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    let again = world.record(captured(opened.payment_id, 130_000, "2")).await;
    assert!(matches!(again.effect, Effect::Credited { .. }));
    assert_eq!(credits(&world).await[0].reason, CreditReason::Duplicate);
    assert_eq!(world.status(&order).await, OrderStatus::Paid);
}

#[tokio::test]
async fn a_payment_that_was_given_up_can_be_tried_again() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let recorded = world.record(cancelled(opened.payment_id, 130_000)).await;
    assert!(matches!(recorded.effect, Effect::GivenUp { .. }));
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Failed);
    let second = world.opened(&[&order], "vnpay-atm").await;
    world.record(captured(second.payment_id, 130_000, "9")).await;
    assert_eq!(world.status(&order).await, OrderStatus::Paid);
    let refused_late = world.record(cancelled(second.payment_id, 130_000)).await;
    assert_eq!(refused_late.effect, Effect::None, "a refusal takes no money back");
    assert_eq!(world.status(&order).await, OrderStatus::Paid);
}

#[tokio::test]
async fn an_expired_payment_frees_its_orders() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    store::payment_expire(&world.db, opened.payment_id).await.unwrap();
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Expired);
    world.opened(&[&order], "vnpay-qr").await;
    let items = order_item::Entity::find().all(&world.db).await.unwrap();
    assert!(items.iter().all(|item| item.state == OrderItemState::Confirmed), "the stock stays reserved");
}

#[tokio::test]
async fn a_paid_payment_does_not_expire() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    world.record(captured(opened.payment_id, 130_000, "1")).await;
    assert_eq!(store::payment_expire(&world.db, opened.payment_id).await.unwrap(), None);
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Succeeded);
}
