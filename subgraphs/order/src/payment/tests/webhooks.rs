//! What VNPay and browsers may call.

use std::collections::HashMap;

use entities::order::payment_event;
use sea_orm::PaginatorTrait;
use serde_json::Value;
use service_kit::{Config, Platform};
use tokio::net::TcpListener;

use super::*;
use crate::{
    payment::webhooks,
    providers::{
        Providers,
        exchanges::Exchanges,
        payment::vnpay::signature::Params,
        transport::{
            TransportProviders,
            table_rate::{TableRate, built_in},
        },
    },
};

const SECRET: &str = "0123456789ABCDEF0123456789ABCDEF";

/// Serves the webhooks of a module whose durable engine is not there: what is refused never gets so far.
async fn serve(world: &World) -> String {
    let platform = Platform::connect(world.test.config()).await.expect("the engines of the test run answer");
    let providers = Providers {
        payment: PaymentProviders::new(Some(merchant())).into(),
        transport: TransportProviders::new(TableRate::new(built_in(), Duration::from_secs(1)), None).into(),
        exchanges: Exchanges::new(&platform.http, &world.db),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let app = webhooks::routes(&platform, &providers);
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

fn query(payment_id: PaymentId, secret: &str) -> String {
    let params = Params::from([
        ("vnp_TmnCode", MERCHANT.to_owned()),
        ("vnp_TxnRef", payment_id.uuid().simple().to_string()),
        ("vnp_Amount", "13000000".to_owned()),
        ("vnp_ResponseCode", "00".to_owned()),
        ("vnp_TransactionStatus", "00".to_owned()),
        ("vnp_TransactionNo", "1".to_owned()),
    ]);
    params.signed(&secret.to_owned().into())
}

#[tokio::test]
async fn an_ipn_with_a_wrong_signature_leaves_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let origin = serve(&world).await;
    let forged = query(opened.payment_id, "guessed");
    for query in [forged.as_str(), "", "vnp_TxnRef=1", "vnp_SecureHash=00"] {
        let answer = reqwest::get(format!("{origin}/webhooks/vnpay/ipn?{query}")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer, serde_json::json!({"RspCode": "97", "Message": "Invalid signature"}), "{query}");
    }
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
    assert_eq!(payment_event::Entity::find().count(&world.db).await.unwrap(), 1, "only the request");
}

#[tokio::test]
async fn a_truncated_or_incomplete_ipn_changes_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let origin = serve(&world).await;
    let ask = async |query: &str| -> String {
        let answer = reqwest::get(format!("{origin}/webhooks/vnpay/ipn?{query}")).await.unwrap();
        answer.json::<Value>().await.unwrap()["RspCode"].as_str().unwrap().to_owned()
    };
    let genuine = query(opened.payment_id, SECRET);
    for end in [1, genuine.len() / 4, genuine.len() / 2, genuine.len() - 64, genuine.len() - 1] {
        assert_eq!(ask(&genuine[..end]).await, "97", "cut after {end}");
    }
    // Signed by VNPay, and yet no report: without an amount, or with one that is no number.
    let reference = opened.payment_id.uuid().simple().to_string();
    for amount in [None, Some("much"), Some("99999999999999999999")] {
        // An empty parameter is left out.
        let params = Params::from([
            ("vnp_TmnCode", MERCHANT.to_owned()),
            ("vnp_TxnRef", reference.clone()),
            ("vnp_ResponseCode", "00".to_owned()),
            ("vnp_TransactionStatus", "00".to_owned()),
            ("vnp_Amount", amount.unwrap_or_default().to_owned()),
        ]);
        assert_eq!(ask(&params.signed(&SECRET.to_owned().into())).await, "99", "{amount:?}");
    }
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
    assert_eq!(payment_event::Entity::find().count(&world.db).await.unwrap(), 1, "only the request");
}

#[tokio::test]
async fn the_return_page_shows_and_changes_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let origin = serve(&world).await;
    let genuine = query(opened.payment_id, SECRET);
    let page = reqwest::get(format!("{origin}/webhooks/vnpay/return?{genuine}")).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Payment received"));
    let forged = reqwest::get(format!("{origin}/webhooks/vnpay/return?{genuine}0")).await.unwrap();
    assert_eq!(forged.status(), 400);
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
}

/// The same for GHTK's reports.
async fn serve_carrier(world: &World) -> String {
    let platform = Platform::connect(world.test.config()).await.expect("the engines of the test run answer");
    let mut variables: HashMap<String, String> = std::env::vars().collect();
    for (name, value) in [
        ("GHTK_TOKEN", "token"),
        ("GHTK_URL", "http://127.0.0.1:9/"),
        ("GHTK_PARTNER_CODE", "S1"),
        ("GHTK_WEBHOOK_SECRET", "hook"),
    ] {
        variables.insert(name.to_owned(), value.to_owned());
    }
    let config = Config::from_variables(variables).unwrap();
    let providers = Providers::from_config(&config, &platform.http, &world.db).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let app = crate::shipment::webhooks::routes(&platform, &world.db, &providers);
    tokio::spawn(async move { axum::serve(listener, app).await });
    origin
}

#[tokio::test]
async fn a_status_report_without_the_secret_is_refused() {
    let world = World::new().await;
    let order = world.order().await;
    let origin = serve_carrier(&world).await;
    let report = |hash: &str, order_id: String| {
        let form = [("label_id", "S1.A1"), ("partner_id", &order_id), ("status_id", "8")];
        reqwest::Client::new().post(format!("{origin}/webhooks/ghtk?hash={hash}")).form(&form).send()
    };
    for guess in ["", "hoo", "hook2"] {
        assert_eq!(report(guess, order.id.to_string()).await.unwrap().status(), 403);
    }
    assert_eq!(report("hook", order.id.to_string()).await.unwrap().status(), 200, "a delay changes nothing");
    assert_eq!(report("hook", OrderId::new().to_string()).await.unwrap().status(), 404);
    assert_eq!(report("hook", "a4".to_owned()).await.unwrap().status(), 404);
    for truncated in ["", "label_id=S1.A1", "label_id=S1.A1&partner_id=1&status_id=", "status_id=five"] {
        let request = reqwest::Client::new().post(format!("{origin}/webhooks/ghtk?hash=hook")).body(truncated);
        let form = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(form.send().await.unwrap().status(), 422, "{truncated}");
    }
}
