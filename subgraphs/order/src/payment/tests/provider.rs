//! A VNPay that answers what a test wants it to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::providers::{
    Providers,
    exchanges::Exchanges,
    payment::vnpay::reply::{Reply, Signed},
    transport::{
        TransportProviders,
        table_rate::{TableRate, built_in},
    },
};

/// The answer to one request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Says {
    /// To a question: the number of a transaction, its status, and its amount in đồng.
    Transaction(&'static str, &'static str, i64),
    /// To a question: there is no such transaction.
    NotFound,
    /// To a request to pay back: this code.
    Refund(&'static str),
}

/// What is said by both sides. When it has nothing more to say, it does not answer.
#[derive(Clone)]
struct Script {
    vnpay: VnPay,
    says: Arc<Mutex<VecDeque<Says>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

/// A VNPay, and the providers of a module that speak with it.
pub(super) struct Provider {
    pub(super) providers: Providers,
    script: Script,
}

impl Provider {
    /// One that says this, in this order.
    pub(super) async fn new(world: &World, says: impl IntoIterator<Item = Says>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_url = format!("http://{}/merchant_webapi/api/transaction", listener.local_addr().unwrap());
        let vnpay = VnPay { api_url: Some(api_url.parse().unwrap()), ..merchant() };
        let says = Arc::new(Mutex::new(says.into_iter().collect()));
        let script = Script { vnpay: vnpay.clone(), says, asked: Arc::default() };
        let app = Router::new().route("/merchant_webapi/api/transaction", post(answer)).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let providers = Providers {
            payment: PaymentProviders::new(Some(vnpay)).into(),
            transport: TransportProviders::new(TableRate::new(built_in(), Duration::from_secs(1)), None).into(),
            exchanges: Exchanges::new(&reqwest::Client::new(), &world.db),
        };
        Self { providers, script }
    }

    /// What it has been asked, the oldest first.
    pub(super) fn asked(&self) -> Vec<Value> {
        self.script.asked.lock().unwrap().clone()
    }
}

async fn answer(State(script): State<Script>, Json(asked): Json<Value>) -> Result<Json<Value>, StatusCode> {
    let says = script.says.lock().unwrap().pop_front().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let field = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let mut said = json!({
        "vnp_ResponseId": "1", "vnp_Command": field("vnp_Command"), "vnp_TmnCode": field("vnp_TmnCode"),
        "vnp_TxnRef": field("vnp_TxnRef"), "vnp_Amount": field("vnp_Amount"),
    });
    let signed = match says {
        Says::Transaction(number, status, amount) => {
            said["vnp_ResponseCode"] = json!("00");
            said["vnp_TransactionNo"] = json!(number);
            said["vnp_TransactionStatus"] = json!(status);
            said["vnp_Amount"] = json!((amount * 100).to_string());
            Signed::Query
        }
        Says::NotFound => {
            said["vnp_ResponseCode"] = json!("91");
            Signed::Query
        }
        Says::Refund(code) => {
            said["vnp_ResponseCode"] = json!(code);
            said["vnp_TransactionNo"] = json!("88");
            Signed::Refund
        }
    };
    let reply: Reply = serde_json::from_value(said.clone()).unwrap();
    said["vnp_SecureHash"] = json!(script.vnpay.reply_digest(&reply, signed));
    script.asked.lock().unwrap().push(asked);
    Ok(Json(said))
}
