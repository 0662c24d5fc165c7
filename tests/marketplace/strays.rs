//! Money that is not what anybody was asked for: captured under a reference of nobody, or another amount than was due.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use test_kit::{Layout, Stack};

use crate::{
    aftersales::ordered,
    carrier::pay,
    stage::{Shop, administrator, id},
};

const PATIENCE: Duration = Duration::from_secs(120);

const STRAYS: &str = "query($state: StrayPaymentState) { strayPayments(first: 100, state: $state) {
    totalCount edges { node { state reference providerTransaction amount { amountMinor } refusalCount } } } }";

const CREDITS: &str = "{ me { paymentCredits(first: 100) {
    edges { node { reason amount { amountMinor } payment { id } } } } } }";

/// Pays at the sandbox as wished, in time or not. What the reports are answered, in VNPay's codes.
async fn answers(payment: &Value, wishes: &str) -> Vec<String> {
    let url = id(&payment["redirectUrl"]).replacen("/paymentv2/vpcpay.html", "/pay", 1);
    let told: Value = reqwest::get(format!("{url}&result=00&late=true{wishes}")).await.unwrap().json().await.unwrap();
    told["answers"].as_array().unwrap().iter().map(|answer| id(&answer["RspCode"])).collect()
}

/// Waits until a statement finds a row, as the operators would ask.
pub(crate) async fn until_found(stack: &Stack, sql: &str) {
    let owner = stack.database.connect_as_owner().await;
    for _ in 0..1200 {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        if owner.query_one_raw(statement).await.unwrap().is_some() {
            return owner.close().await.expect("closing an idle connection");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{sql}\nstill finds nothing\n{}", stack.logs());
}

/// Payments end soon here, and the provider is asked soon: a marketplace of its own.
#[tokio::test(flavor = "multi_thread")]
async fn money_under_no_reference_goes_back_and_money_of_another_amount_is_a_credit() {
    let variables = [("PAYMENT_EXPIRY_SECONDS", "20"), ("RECONCILE_SECONDS", "2"), ("REFUND_RETRY_SECONDS", "1")];
    let stack = Stack::start_with(Layout::Together, &variables).await;
    let shop = Shop::open(&stack, 5).await;
    let (buyer, admin) = (stack.member("buyer").await, administrator(&stack).await);
    let (unpaid, _) = ordered(&buyer, &shop, &[&shop.counted_sku], 1).await;
    let (paid, _) = ordered(&buyer, &shop, &[&shop.counted_sku], 1).await;
    let credited = async |reason: &str, amount: &str, payment: &Value| {
        let credit = json!({"reason": reason, "amount": {"amountMinor": amount}, "payment": {"id": payment["id"]}});
        let is_there = |data: &Value| {
            let edges = data["me"]["paymentCredits"]["edges"].as_array();
            edges.is_some_and(|edges| edges.iter().any(|edge| edge["node"] == credit))
        };
        buyer.client.eventually(CREDITS, json!({}), PATIENCE, is_there).await
    };

    // A second capture, of another amount than the first, which has paid.
    let payment = pay(&buyer, &paid, "vnpay-qr").await;
    assert_eq!(answers(&payment, "").await, ["00"]);
    assert_eq!(answers(&payment, "&again=true&captured=1000").await, ["04"]);
    credited("DUPLICATE", "1000", &payment).await;

    // Nobody's: reported three times at once, and given back although the provider refuses once.
    let payment = pay(&buyer, &unpaid, "vnpay-qr").await;
    assert_eq!(answers(&payment, "&foreign=true&reports=3&refuse_refunds=1").await, ["01", "01", "01"]);
    let refunded = |data: &Value| data["strayPayments"]["edges"][0]["node"]["state"] == "REFUNDED";
    let data = admin.eventually(STRAYS, json!({}), PATIENCE, refunded).await;
    assert_eq!(data["strayPayments"]["totalCount"], 1, "{data:#}");
    let stray = &data["strayPayments"]["edges"][0]["node"];
    assert_eq!(stray["amount"]["amountMinor"], payment["amount"]["amountMinor"], "all of it");
    assert_eq!(stray["refusalCount"], 1, "{stray:#}");
    let held = admin.data(STRAYS, json!({"state": "HELD"})).await;
    assert_eq!(held["strayPayments"], json!({"totalCount": 0, "edges": []}));
    for client in [&buyer.client, &shop.seller.client] {
        let refused = client.send(STRAYS, json!({})).await;
        assert_eq!(refused.code(), Some("FORBIDDEN"), "{refused:#?}");
    }
    assert_eq!(stack.client().send(STRAYS, json!({})).await.code(), Some("UNAUTHENTICATED"));

    // Less than was due, when the payment is over and the provider has said that nothing came of it.
    let payment_id = id(&payment["id"]);
    let over = format!(
        r#"SELECT 1 AS one FROM "order".payment
           WHERE id = '{payment_id}' AND status = 'EXPIRED' AND reconciled_at IS NOT NULL"#
    );
    until_found(&stack, &over).await;
    assert_eq!(answers(&payment, "&captured=200000").await, ["04"]);
    credited("LATE", "200000", &payment).await;
    // What counts is what the provider has, and not what a report says.
    assert_eq!(answers(&payment, "&again=true&captured=3000&wrong_amount=900000").await, ["04"]);
    let data = credited("LATE", "3000", &payment).await;
    assert_eq!(data["me"]["paymentCredits"]["edges"].as_array().unwrap().len(), 3, "{data:#}");
    let order = buyer.client.data("query($id: ID!) { order(id: $id) { status } }", json!({"id": unpaid})).await;
    assert_eq!(order["order"]["status"], "CONFIRMED", "it can still be paid");
    stack.assert_sound().await;
}
