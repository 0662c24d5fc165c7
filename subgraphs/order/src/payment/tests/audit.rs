//! What was said with VNPay, as it is kept.

use axum::{Json, Router, extract::State, routing::post};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::{
    payment::reconciliation::{Asked, payment_ask, unpaid_ask},
    providers::{
        exchanges::Exchanges,
        payment::{
            PaymentProvider, RefundAnswer, RefundRequest,
            vnpay::reply::{Reply, Signed},
        },
    },
};

/// A VNPay that knows of no payment and pays nothing back. Its message repeats the secret, as no provider should.
async fn provider() -> VnPay {
    let vnpay = merchant();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_url = format!("http://{}/merchant_webapi/api/transaction", listener.local_addr().unwrap());
    let answer = async |State(vnpay): State<VnPay>, Json(asked): Json<Value>| -> Json<Value> {
        let field = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let (code, signed) = match field("vnp_Command").as_str() {
            "querydr" => ("91", Signed::Query),
            _ => ("95", Signed::Refund),
        };
        let mut said = json!({
            "vnp_ResponseId": "1", "vnp_Command": field("vnp_Command"), "vnp_ResponseCode": code,
            "vnp_Message": "not with 0123456789ABCDEF0123456789ABCDEF", "vnp_TmnCode": field("vnp_TmnCode"),
            "vnp_TxnRef": field("vnp_TxnRef"), "vnp_Amount": field("vnp_Amount"),
        });
        let reply: Reply = serde_json::from_value(said.clone()).unwrap();
        said["vnp_SecureHash"] = json!(vnpay.reply_digest(&reply, signed));
        Json(said)
    };
    let app = Router::new().route("/merchant_webapi/api/transaction", post(answer)).with_state(vnpay.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    VnPay { api_url: Some(api_url.parse().unwrap()), ..vnpay }
}

/// Operation, status, the code of the answer, and all of the row as text.
async fn kept(db: &DatabaseConnection) -> Vec<(String, Option<i16>, Option<String>, String)> {
    let sql = r#"SELECT operation, http_status, answer->>'vnp_ResponseCode' AS code, to_jsonb(e)::text AS row
        FROM "order".provider_exchange e ORDER BY id"#;
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    rows.iter()
        .map(|row| {
            let text = |name: &str| row.try_get::<Option<String>>("", name).unwrap();
            (text("operation").unwrap(), row.try_get("", "http_status").unwrap(), text("code"), text("row").unwrap())
        })
        .collect()
}

#[tokio::test]
async fn every_exchange_is_kept_whatever_was_answered_and_without_secrets() {
    let world = World::new().await;
    let order = world.order().await;
    let payment_id = world.opened(&[&order], "vnpay-qr").await.payment_id;
    let exchanges = Exchanges::new(&reqwest::Client::new(), &world.db);
    let vnpay = provider().await;

    let asked = payment_ask(&world.db, &exchanges, &vnpay, payment_id).await.unwrap();
    assert!(asked.is_none(), "VNPay knows of no such transaction");
    let request = RefundRequest {
        request_id: uuid::Uuid::now_v7(),
        subject_id: payment_id.uuid(),
        reference: reference(payment_id),
        transaction: "14226112".to_owned(),
        amount: Money::new(130_000, kernel::Currency::VND),
        is_whole: true,
        paid_at: chrono::Utc::now(),
        now: chrono::Utc::now(),
        is_first: true,
    };
    let refused = RefundAnswer::Refused { code: "95".to_owned() };
    assert_eq!(vnpay.refund(&exchanges, &request).await.unwrap(), refused);
    let away = VnPay { api_url: Some("http://127.0.0.1:9/".parse().unwrap()), ..vnpay };
    let asked = unpaid_ask(&world.db, &exchanges, &away, payment_id).await.unwrap();
    assert!(matches!(asked, Asked::Unreachable), "{asked:?}");

    let rows = kept(&world.db).await;
    let shape: Vec<_> = rows.iter().map(|(what, status, code, _)| (what.as_str(), *status, code.as_deref())).collect();
    let expected = [("querydr", Some(200), Some("91")), ("refund", Some(200), Some("95")), ("querydr", None, None)];
    assert_eq!(shape, expected);
    for (operation, _, _, row) in &rows {
        assert!(row.contains(&payment_id.uuid().to_string()), "{operation} says which payment it is about: {row}");
        assert!(row.contains("vnp_RequestId"), "{operation} is kept with its request: {row}");
        assert!(!row.contains("0123456789ABCDEF"), "the secret is kept of {operation}: {row}");
        assert!(row.contains(r#""vnp_SecureHash": "removed""#), "no signature is kept of {operation}: {row}");
        assert!(!row.contains("127.0.0.1:9/"), "a fault does not say where the provider stands: {row}");
    }
    let change = Statement::from_string(DbBackend::Postgres, r#"UPDATE "order".provider_exchange SET answer = '{}'"#);
    assert!(world.db.execute_raw(change).await.is_err(), "what is kept is never changed");
}
