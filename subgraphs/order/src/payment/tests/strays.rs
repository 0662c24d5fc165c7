//! Money that was captured under a reference that is no payment's.

use async_graphql::{Request, Variables};
use chrono::Utc;
use entities::order::{StrayPaymentState, stray_payment};
use kernel::{Currency, SessionId, StrayPaymentId};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service_kit::Viewer;

use super::{
    provider::{Provider, Says},
    *,
};
use crate::{
    payment::{
        report::Effect,
        stray::{self, Came, Next, Vouched},
    },
    providers::payment::{RefundAnswer, vnpay::report::IpnAnswer},
    schema,
};

/// A report that 50,000 ₫ were captured under a reference of nobody.
fn astray(transaction_no: &str) -> Report {
    Report {
        payment_id: None,
        reference: "NOBODY1".to_owned(),
        pay_date: Some("20260201013000".to_owned()),
        ..captured(PaymentId::new(), 50_000, transaction_no)
    }
}

/// Holds what was captured by a transaction.
async fn held(world: &World, transaction_no: &str) -> StrayPaymentId {
    let recorded = world.record(astray(transaction_no)).await;
    assert_eq!(recorded.answer, IpnAnswer::NotFound);
    match recorded.effect {
        Effect::Stray { stray_id } => stray_id,
        effect => panic!("{effect:?}"),
    }
}

/// Tries once to give it back, as the durable handler does; what is recorded is recorded twice.
async fn give_back(world: &World, provider: &Provider, stray_id: StrayPaymentId) -> Next {
    let attempt = stray::attempt_begin(&world.db, stray_id).await.unwrap().expect("it is held");
    let came = match stray::attempt_ask(&provider.providers, &attempt).await.unwrap() {
        Vouched::Has(amount) => {
            let answer = stray::attempt_make(&world.db, &provider.providers, &attempt, amount).await.unwrap();
            Came::Answered { amount, answer }
        }
        Vouched::Nothing => Came::NotThere,
        Vouched::Unsaid => Came::Unsaid,
    };
    let next = stray::attempt_record(&world.db, 2, &attempt, &came).await.unwrap();
    let recorded = row(world, stray_id).await;
    assert_eq!(stray::attempt_record(&world.db, 2, &attempt, &came).await.unwrap(), next);
    let again = stray_payment::Model { updated_at: recorded.updated_at, ..row(world, stray_id).await };
    assert_eq!(again, recorded);
    next
}

async fn row(world: &World, stray_id: StrayPaymentId) -> stray_payment::Model {
    stray_payment::Entity::find_by_id(stray_id).one(&world.db).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_capture_under_no_payment_is_held_once_and_followed_once() {
    let world = World::new().await;
    let reports = futures::future::join_all((0..10).map(|_| world.record(astray("77")))).await;
    assert!(reports.iter().all(|recorded| recorded.answer == IpnAnswer::NotFound));
    assert_eq!(reports.iter().filter(|recorded| recorded.effect != Effect::None).count(), 1);
    let rows = stray_payment::Entity::find().all(&world.db).await.unwrap();
    assert_eq!(rows.len(), 1);
    let shown = (rows[0].state, rows[0].amount_minor, rows[0].reference.as_str(), rows[0].pay_date.as_deref());
    assert_eq!(shown, (StrayPaymentState::Held, 50_000, "NOBODY1", Some("20260201013000")));
    let gone = world.db.execute_unprepared(r#"DELETE FROM "order".stray_payment"#).await.unwrap_err().to_string();
    assert!(gone.contains("never changed or deleted"), "{gone}");

    let record = Record { operation_id: OperationId::new(), report: astray("78"), asked: false };
    let first = report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap();
    assert!(matches!(first.effect, Effect::Stray { .. }));
    let again = report::report_record(&world.db, MERCHANT, fee(), &record).await.unwrap();
    assert_eq!(again, first, "a step that runs twice knows its own result");
}

#[tokio::test]
async fn only_what_was_captured_for_us_and_for_no_online_payment_is_held() {
    let world = World::new().await;
    let order = world.order().await;
    let refused = Report { response_code: "24".to_owned(), ..astray("1") };
    let strangers = Report { tmn_code: "SOMEBODY".to_owned(), ..astray("1") };
    let nothing = Report { amount_hundredths: 0, ..astray("1") };
    for report in [refused, strangers, nothing, astray("0")] {
        let recorded = world.record(report.clone()).await;
        assert_eq!((recorded.answer, recorded.effect), (IpnAnswer::NotFound, Effect::None), "{report:?}");
    }
    let payment_id = world.opened(&[&order], "cod").await.payment_id;
    let recorded = world.record(captured(payment_id, 130_000, "1")).await;
    assert!(matches!(recorded.effect, Effect::Stray { .. }), "the carrier collects this one: {recorded:?}");
    assert_eq!(world.status(&order).await, OrderStatus::PayableOnDelivery);
}

#[tokio::test]
async fn what_the_provider_has_goes_back_whole() {
    let world = World::new().await;
    let stray_id = held(&world, "77").await;
    // It has less than was reported: what it has goes back.
    let provider = Provider::new(&world, [Says::Transaction("77", "00", 49_000), Says::Refund("00")]).await;
    assert_eq!(give_back(&world, &provider, stray_id).await, Next::Over);
    let row = row(&world, stray_id).await;
    assert_eq!((row.state, row.amount_minor, row.tries), (StrayPaymentState::Refunded, 49_000, 0));
    assert!(row.note.unwrap().contains("88"), "it says by which transaction");
    assert_eq!(stray::attempt_begin(&world.db, stray_id).await.unwrap(), None);
    let asked = provider.asked();
    let said = |number: usize, field: &str| asked[number][field].as_str().unwrap_or_default().to_owned();
    for number in [0, 1] {
        assert_eq!(said(number, "vnp_TxnRef"), "NOBODY1");
        assert_eq!(said(number, "vnp_TransactionNo"), "77");
        assert_eq!(said(number, "vnp_TransactionDate"), "20260201013000");
    }
    assert_eq!((said(1, "vnp_Amount").as_str(), said(1, "vnp_TransactionType").as_str()), ("4900000", "02"));
}

#[tokio::test]
async fn a_provider_that_refuses_is_asked_again_and_then_left_to_people() {
    let world = World::new().await;
    let stray_id = held(&world, "77").await;
    let there = Says::Transaction("77", "00", 50_000);
    let says = [there, Says::NotFound, there, Says::Refund("95"), there, Says::Refund("95")];
    let provider = Provider::new(&world, says).await;
    // Nobody answers the request to refund: the same is asked again.
    let attempt = stray::attempt_begin(&world.db, stray_id).await.unwrap().unwrap();
    let amount = Money::new(50_000, Currency::VND);
    assert_eq!(stray::attempt_ask(&provider.providers, &attempt).await.unwrap(), Vouched::Has(amount));
    let lost = stray::attempt_make(&world.db, &provider.providers, &attempt, amount).await.unwrap();
    assert_eq!(lost, RefundAnswer::Unreachable, "what it says is no answer to a refund");
    assert_eq!(give_back(&world, &provider, stray_id).await, Next::Later);
    assert_eq!((row(&world, stray_id).await.state, row(&world, stray_id).await.tries), (StrayPaymentState::Held, 1));
    assert_eq!(give_back(&world, &provider, stray_id).await, Next::Over);
    let row = row(&world, stray_id).await;
    assert_eq!((row.state, row.tries), (StrayPaymentState::Refused, 2));
    assert!(row.note.unwrap().contains("95"));
    let asked = provider.asked();
    let requests: Vec<&Value> =
        asked.iter().filter(|asked| asked["vnp_Command"] == "refund").map(|asked| &asked["vnp_RequestId"]).collect();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0], requests[1], "it keeps its identity until it is answered");
    assert_ne!(requests[1], requests[2]);
}

/// VNPay knows a request by its identity: one that is there already has paid, when it was ours.
#[tokio::test]
async fn a_request_that_is_made_again_pays_once() {
    let world = World::new().await;
    let stray_id = held(&world, "77").await;
    let there = Says::Transaction("77", "00", 50_000);
    let provider = Provider::new(&world, [there, Says::Refund("00"), Says::Refund("94")]).await;
    let attempt = stray::attempt_begin(&world.db, stray_id).await.unwrap().unwrap();
    let Vouched::Has(amount) = stray::attempt_ask(&provider.providers, &attempt).await.unwrap() else {
        panic!("it has the money")
    };
    for _ in 0..2 {
        let answer = stray::attempt_make(&world.db, &provider.providers, &attempt, amount).await.unwrap();
        assert!(matches!(answer, RefundAnswer::PaidBack { .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn nothing_is_given_back_for_what_a_report_alone_claims() {
    let world = World::new().await;
    let (claimed, under_way) = (held(&world, "77").await, held(&world, "78").await);
    let says = [Says::NotFound, Says::Transaction("78", "01", 50_000), Says::Transaction("77", "00", 50_000)];
    let provider = Provider::new(&world, says).await;
    assert_eq!(give_back(&world, &provider, claimed).await, Next::Over);
    assert_eq!(row(&world, claimed).await.state, StrayPaymentState::Refused);
    assert_eq!(give_back(&world, &provider, under_way).await, Next::Later);
    assert_eq!(give_back(&world, &provider, under_way).await, Next::Later, "what it has of another is not this");
    assert_eq!(give_back(&world, &provider, under_way).await, Next::Later, "it says nothing more");
    let row = row(&world, under_way).await;
    assert_eq!((row.state, row.tries, row.sent_try), (StrayPaymentState::Held, 0, None));
    assert!(provider.asked().iter().all(|asked| asked["vnp_Command"] == "querydr"));
}

const STRAYS: &str = "query($first: Int, $after: String, $state: StrayPaymentState) {
    strayPayments(first: $first, after: $after, state: $state) {
        totalCount pageInfo { hasNextPage endCursor }
        edges { node {
            id state reference providerTransaction amount { amountMinor currency } refusalCount note bankCode payDate
        } } } }";

async fn listed(world: &World, is_admin: bool, variables: Value) -> Result<Value, String> {
    let viewer = Viewer {
        account_id: AccountId::new(),
        session_id: SessionId::new(),
        admin: is_admin,
        issued_at_ms: Utc::now().timestamp_millis(),
        expires_at: Utc::now() + Duration::from_secs(60),
    };
    let request = Request::new(STRAYS).variables(Variables::from_json(variables)).data(viewer);
    let schema = schema::build().data(world.db.clone()).finish();
    let response = schema.execute(crate::prepare(request, &world.db)).await;
    match response.errors.first() {
        Some(error) => Err(format!("{:?}", error.extensions)),
        None => Ok(response.data.into_json().unwrap()["strayPayments"].clone()),
    }
}

#[tokio::test]
async fn administrators_alone_see_them_the_newest_first() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in ["1", "2", "3"] {
        ids.push(held(&world, number).await);
    }
    let provider = Provider::new(&world, [Says::Transaction("2", "00", 50_000), Says::Refund("00")]).await;
    give_back(&world, &provider, ids[1]).await;

    let page = listed(&world, true, json!({"first": 2})).await.unwrap();
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let node = |page: &Value, at: usize| page["edges"][at]["node"].clone();
    assert_eq!((&node(&page, 0)["id"], &node(&page, 1)["id"]), (&json!(ids[2]), &json!(ids[1])));
    let expected = json!({
        "id": ids[2], "state": "HELD", "reference": "NOBODY1", "providerTransaction": "3", "refusalCount": 0,
        "amount": {"amountMinor": "50000", "currency": "VND"}, "note": null, "bankCode": "NCB",
        "payDate": "20260201013000",
    });
    assert_eq!(node(&page, 0), expected);
    let rest = listed(&world, true, json!({"after": page["pageInfo"]["endCursor"]})).await.unwrap();
    assert_eq!((rest["edges"].as_array().unwrap().len(), &node(&rest, 0)["id"]), (1, &json!(ids[0])));
    let refunded = listed(&world, true, json!({"state": "REFUNDED"})).await.unwrap();
    assert_eq!((&refunded["totalCount"], &node(&refunded, 0)["id"]), (&json!(1), &json!(ids[1])));
    assert_eq!(listed(&world, true, json!({"state": "REFUSED"})).await.unwrap()["edges"], json!([]));

    let refused = listed(&world, false, json!({})).await.unwrap_err();
    assert!(refused.contains("FORBIDDEN"), "{refused}");
}
