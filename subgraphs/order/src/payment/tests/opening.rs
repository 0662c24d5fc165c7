//! Opening payments.

use super::*;
use crate::error::ErrorCode;

fn refused(answer: PayAnswer) -> (ErrorCode, Option<String>) {
    match answer {
        PayAnswer::Refused(refusal) => (refusal.code, refusal.field),
        PayAnswer::Opened(opened) => panic!("opened: {opened:?}"),
    }
}

#[tokio::test]
async fn one_payment_pays_orders_of_several_sellers() {
    let world = World::new().await;
    let one = world.order().await;
    let two = world.order_of(AccountId::new(), "VND", 50_000, 0).await;
    let opened = world.opened(&[&one, &two], "vnpay-qr").await;
    let payment = world.payment(opened.payment_id).await;
    assert_eq!((payment.status, payment.amount_minor), (PaymentStatus::Pending, 180_000));
    let url = payment.redirect_url.unwrap();
    assert!(url.contains("vnp_Amount=18000000&"), "{url}");
    assert!(opened.expires_at.is_some());
    assert_eq!(world.status(&one).await, OrderStatus::Confirmed);
}

#[tokio::test]
async fn of_many_payments_of_an_order_at_once_exactly_one_opens() {
    let world = World::new().await;
    let (one, two) = (world.order().await, world.order().await);
    let tries: Vec<Pay> = (0..20)
        .map(|number| match number % 3 {
            0 => world.pay(&[&one], "vnpay-qr"),
            1 => world.pay(&[&one, &two], "vnpay-bank"),
            _ => world.pay(&[&two, &one], "cod"),
        })
        .collect();
    let answers = futures::future::join_all(tries.iter().map(|pay| world.open(pay))).await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, PayAnswer::Opened(_))).count(), 1);
    let others = answers.into_iter().filter(|answer| matches!(answer, PayAnswer::Refused(_)));
    for answer in others {
        let code = refused(answer).0;
        assert!(matches!(code, ErrorCode::OrderInPayment | ErrorCode::OrderNotPayable), "{code:?}");
    }
}

#[tokio::test]
async fn the_same_operation_again_gives_the_first_answer() {
    let world = World::new().await;
    let order = world.order().await;
    let pay = world.pay(&[&order], "vnpay-qr");
    let first = world.open(&pay).await;
    assert_eq!(world.open(&pay).await, first);
    let refusal = world.pay(&[&order], "vnpay-qr");
    let first = world.open(&refusal).await;
    assert_eq!(refused(first.clone()).0, ErrorCode::OrderInPayment);
    assert_eq!(world.open(&refusal).await, first);
}

#[tokio::test]
async fn orders_that_cost_nothing_are_paid_at_once_by_any_method() {
    let world = World::new().await;
    for (currency, method) in [("VND", "vnpay-qr"), ("VND", "cod"), ("USD", "vnpay-qr")] {
        let free = world.order_of(world.seller, currency, 0, 0).await;
        let opened = world.opened(&[&free], method).await;
        assert!(opened.is_settled && opened.expires_at.is_none());
        let payment = world.payment(opened.payment_id).await;
        assert_eq!((payment.status, payment.redirect_url), (PaymentStatus::Succeeded, None));
        assert_eq!(world.status(&free).await, OrderStatus::Paid);
        let again = world.open(&world.pay(&[&free], method)).await;
        assert_eq!(refused(again).0, ErrorCode::OrderNotPayable);
    }
    let (free, dear) = (world.order_of(world.seller, "VND", 0, 0).await, world.order().await);
    let opened = world.opened(&[&free, &dear], "vnpay-qr").await;
    assert!(!opened.is_settled, "together they cost something");
    assert_eq!(world.status(&free).await, OrderStatus::Confirmed);
}

#[tokio::test]
async fn what_is_in_the_way_is_named_by_its_field() {
    let world = World::new().await;
    let (dong, dollar) = (world.order().await, world.order_of(world.seller, "USD", 1_000, 0).await);

    let answer = world.open(&world.pay(&[&dong], "bitcoin")).await;
    assert_eq!(refused(answer), (ErrorCode::PaymentMethodUnknown, Some("method".to_owned())));
    let answer = world.open(&world.pay(&[&dollar], "vnpay-qr")).await;
    assert_eq!(refused(answer), (ErrorCode::PaymentMethodCurrency, Some("method".to_owned())));
    let answer = world.open(&world.pay(&[&dong, &dollar], "cod")).await;
    assert_eq!(refused(answer), (ErrorCode::CurrenciesMixed, Some("orderIds".to_owned())));
    let dear = world.order_of(world.seller, "VND", i64::MAX / 2 + 1, 0).await;
    let dearer = world.order_of(world.seller, "VND", i64::MAX / 2 + 1, 0).await;
    let answer = world.open(&world.pay(&[&dear, &dearer], "cod")).await;
    assert_eq!(refused(answer), (ErrorCode::PaymentAmountInvalid, Some("orderIds".to_owned())));

    let mut unknown = world.pay(&[&dong], "cod");
    unknown.order_ids.push(OrderId::new());
    let second = Some("orderIds.1".to_owned());
    assert_eq!(refused(world.open(&unknown).await), (ErrorCode::OrderNotFound, second));
    assert_eq!(world.status(&dong).await, OrderStatus::Confirmed);
}

#[tokio::test]
async fn an_order_of_somebody_else_is_as_if_it_were_not_there() {
    let world = World::new().await;
    let order = world.order().await;
    for stranger in [world.seller, AccountId::new()] {
        let pay = Pay { buyer_id: stranger, ..world.pay(&[&order], "cod") };
        assert_eq!(refused(world.open(&pay).await).0, ErrorCode::OrderNotFound);
    }
}

#[tokio::test]
async fn cash_on_delivery_needs_no_page_and_never_expires() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "cod").await;
    let payment = world.payment(opened.payment_id).await;
    assert_eq!((payment.status, payment.redirect_url), (PaymentStatus::OnDelivery, None));
    assert_eq!(opened.expires_at, None);
    assert_eq!(world.status(&order).await, OrderStatus::PayableOnDelivery);
}
