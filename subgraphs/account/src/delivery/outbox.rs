//! The outbox of development: what would have been sent is kept for a day, on a page that only this machine can read.
//!
//! It never exists in production: the route is not there, and the channel is not chosen.

use std::net::SocketAddr;

use axum::{
    Extension, Json,
    extract::{ConnectInfo, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;
use serde::Deserialize;
use serde_json::json;
use service_kit::Result;

use super::{Channel, Delivered, Letter, Medium};
use crate::store;

/// Keeps letters instead of sending them.
pub(super) struct Outbox {
    pub(super) db: DatabaseConnection,
    pub(super) medium: Medium,
}

impl Channel for Outbox {
    fn deliver<'a>(&'a self, to: &'a str, letter: &'a Letter) -> BoxFuture<'a, Result<Delivered>> {
        Box::pin(async move {
            store::outbox_insert(&self.db, self.medium.as_str(), to, &letter.subject, &letter.body).await?;
            Ok(Delivered::Accepted)
        })
    }
}

/// Which letters to show.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// To whom; everybody when left out.
    to: Option<String>,
}

/// `GET /development/outbox`: the newest letters, as a page, or as JSON for who accepts it.
pub(crate) async fn page(
    State(db): State<DatabaseConnection>,
    Extension(ConnectInfo(peer)): Extension<ConnectInfo<SocketAddr>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    // The letters hold secrets, so they are for whoever sits at this machine.
    if !peer.ip().to_canonical().is_loopback() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let letters = match store::outbox_list(&db, wanted.to.as_deref()).await {
        Ok(letters) => letters,
        Err(error) => {
            tracing::error!(?error, "the outbox cannot be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("application/json") {
        let letters = letters.into_iter().map(|letter| {
            json!({"medium": letter.medium, "to": letter.destination, "subject": letter.subject, "body": letter.body,
                   "createdAt": letter.created_at})
        });
        return Json(letters.collect::<Vec<_>>()).into_response();
    }
    let rows = letters.iter().map(|letter| {
        let cells = [&letter.medium, &letter.destination, &letter.subject, &letter.body].map(|text| escaped(text));
        format!(
            "<tr><td>{}<td>{}<td>{}<td>{}<td><pre>{}</pre>",
            letter.created_at, cells[0], cells[1], cells[2], cells[3]
        )
    });
    let rows: String = rows.collect();
    Html(format!(
        "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=5><title>Outbox</title>\
        <h1>Outbox</h1><p>What would have been sent in the last day, the newest first. This page exists in development \
        only.</p><table><tr><th>When<th>By<th>To<th>Subject<th>Text{rows}</table>"
    ))
    .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
