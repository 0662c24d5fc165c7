//! GHTK's calls: where a parcel is now.

use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::post,
};
use hmac::{Hmac, Mac};
use kernel::{OrderId, RefundId};
use sea_orm::DatabaseConnection;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Platform, Result};
use sha2::Sha256;
use uuid::Uuid;

use super::{
    store,
    workflows::move_shipment::{ADVANCE, Advance},
};
use crate::{
    providers::{
        Providers,
        transport::ghtk::{
            Ghtk,
            wire::{self, StatusReport},
        },
    },
    refund::{returning, workflows::return_goods},
};

#[derive(Clone)]
struct Webhooks {
    platform: Platform,
    db: DatabaseConnection,
    providers: Providers,
}

/// The routes that GHTK calls.
pub(crate) fn routes(platform: &Platform, db: &DatabaseConnection, providers: &Providers) -> Router {
    Router::new().route("/webhooks/ghtk", post(status)).with_state(Webhooks {
        platform: platform.clone(),
        db: db.clone(),
        providers: providers.clone(),
    })
}

/// What proves that GHTK calls: a secret that only it and we know.
#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    hash: String,
}

/// A status report. GHTK repeats it unless the answer is 200, so it is answered once the move is accepted durably. One
/// that is GHTK's is kept with its answer; when that cannot be, GHTK reports again, which moves nothing twice.
async fn status(
    State(webhooks): State<Webhooks>,
    Query(proof): Query<Proof>,
    Form(report): Form<StatusReport>,
) -> StatusCode {
    let Some(ghtk) = webhooks.providers.transport.ghtk().filter(|ghtk| is_proven(ghtk, &proof.hash)) else {
        return StatusCode::FORBIDDEN;
    };
    let answer = match webhooks.take(&report).await {
        Ok(true) => StatusCode::OK,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(error) => {
            tracing::error!(?error, "a status report of GHTK could not be taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let StatusReport { label_id, partner_id, status_id } = &report;
    let said = json!({"label_id": label_id, "partner_id": partner_id, "status_id": status_id});
    let secrets = ghtk.secrets();
    let about = Ghtk::about("status", Uuid::try_parse(partner_id).ok(), &secrets);
    if let Err(error) = webhooks.providers.exchanges.keep(about, said, Some(answer), Value::Null).await {
        tracing::error!(?error, "a status report of GHTK could not be kept");
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    answer
}

/// Whether the secret is GHTK's, in a time that does not tell how much of it is right.
fn is_proven(ghtk: &Ghtk, hash: &str) -> bool {
    let digest = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"ghtk").expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        mac
    };
    let expected = digest(ghtk.webhook_secret().expose_secret()).finalize().into_bytes();
    digest(hash).verify(&expected).is_ok()
}

impl Webhooks {
    /// Sends the parcel on its way; `false` when there is no such parcel.
    async fn take(&self, report: &StatusReport) -> Result<bool> {
        let Ok(order_id) = report.partner_id.parse::<OrderId>() else { return Ok(false) };
        let Some(parcel) = store::shipments_of_orders(&self.db, &[order_id]).await?.pop() else {
            return self.take_return(RefundId(order_id.uuid()), report).await;
        };
        if let Some(to) = wire::read_status(report.status_id) {
            let advance = Advance { shipment_id: parcel.id, to, clock: None };
            let key = format!("{}/{to:?}", parcel.id);
            ADVANCE.send_at_ingress(&self.platform.ingress, key, advance).await?;
        }
        Ok(true)
    }

    /// Sends a parcel that goes back on its way; `false` when there is no such parcel.
    async fn take_return(&self, refund_id: RefundId, report: &StatusReport) -> Result<bool> {
        if returning::return_of_refund(&self.db, refund_id).await?.is_none() {
            return Ok(false);
        }
        if let Some(to) = wire::read_status(report.status_id) {
            let advance = return_goods::AdvanceReturn { refund_id, to, clock: None };
            let key = format!("{refund_id}/{to:?}");
            return_goods::ADVANCE.send_at_ingress(&self.platform.ingress, key, advance).await?;
        }
        Ok(true)
    }
}
