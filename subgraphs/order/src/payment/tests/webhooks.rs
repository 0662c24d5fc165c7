//! What VNPay and browsers may call.

use entities::order::payment_event;
use sea_orm::PaginatorTrait;
use serde_json::Value;
use service_kit::Platform;
use tokio::net::TcpListener;

use super::*;
use crate::{
    payment::webhooks,
    providers::{
        Providers,
        payment::vnpay::signature::Params,
        transport::{
            TransportProviders,
            table_rate::{TableRate, built_in},
        },
    },
};

/// Serves the webhooks of a module whose durable engine is not there: what is refused never gets so far.
async fn serve(world: &World) -> String {
    let platform = Platform::connect(world.test.config()).await.expect("the engines of the test run answer");
    let providers = Providers {
        payment: PaymentProviders::new(Some(merchant())).into(),
        transport: TransportProviders::new(TableRate::new(built_in(), Duration::from_secs(1)), None).into(),
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
async fn the_return_page_shows_and_changes_nothing() {
    let world = World::new().await;
    let order = world.order().await;
    let opened = world.opened(&[&order], "vnpay-qr").await;
    let origin = serve(&world).await;
    let genuine = query(opened.payment_id, "0123456789ABCDEF0123456789ABCDEF");
    let page = reqwest::get(format!("{origin}/webhooks/vnpay/return?{genuine}")).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("Payment received"));
    let forged = reqwest::get(format!("{origin}/webhooks/vnpay/return?{genuine}0")).await.unwrap();
    assert_eq!(forged.status(), 400);
    assert_eq!(world.payment_status(opened.payment_id).await, PaymentStatus::Pending);
}
