//! `PUT /uploads/{id}` and `GET /files/{id}`.
//!
//! Both are open to every origin: the one is protected by its signature, the other serves what is public anyway.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use bytes::Bytes;
use chrono::Utc;
use entities::common::resource::{self, ResourceState};
use kernel::ResourceId;
use sea_orm::DatabaseConnection;
use serde::Deserialize;
use service_kit::{Error, Result};

use super::{
    FileStore, Received, UploadSigner,
    pictures::{self, Variant},
    placeholder_png,
};
use crate::store;

/// The routes.
pub fn routes(db: DatabaseConnection, files: FileStore, signer: UploadSigner) -> Router {
    Router::new()
        .route("/uploads/{id}", put(upload).options(preflight))
        .route("/files/{id}", get(serve))
        .with_state(Routes { db, files, signer })
}

#[derive(Clone)]
struct Routes {
    db: DatabaseConnection,
    files: FileStore,
    signer: UploadSigner,
}

#[derive(Deserialize)]
struct Permission {
    expires: i64,
    signature: String,
}

async fn upload(
    State(routes): State<Routes>,
    Path(id): Path<String>,
    Query(permission): Query<Permission>,
    body: Body,
) -> Response {
    let status = match id.parse() {
        Ok(id) if routes.signer.permits(id, permission.expires, &permission.signature, Utc::now()) => {
            receive(&routes, id, body).await.unwrap_or_else(|error| failed(&error))
        }
        _ => StatusCode::FORBIDDEN,
    };
    (status, [EVERY_ORIGIN]).into_response()
}

/// Stores the bytes of a pending resource; a later attempt replaces an earlier one until the upload is completed.
async fn receive(routes: &Routes, id: ResourceId, body: Body) -> Result<StatusCode> {
    let Some(row) = store::resource_fetch(&routes.db, id).await?.filter(|row| row.state == ResourceState::Pending)
    else {
        return Ok(StatusCode::CONFLICT);
    };
    let limit_bytes = row.size_bytes.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    let key = match routes.files.receive(id, body.into_data_stream(), limit_bytes).await? {
        Received::Stored(key) => key,
        Received::TooLarge => return Ok(StatusCode::PAYLOAD_TOO_LARGE),
        Received::Broken => return Ok(StatusCode::BAD_REQUEST),
    };
    let (discarded, status) = match store::resource_receive(&routes.db, id, &key).await? {
        store::Recorded::Instead(earlier) => (earlier, StatusCode::NO_CONTENT),
        store::Recorded::NoLongerPending => (Some(key), StatusCode::CONFLICT),
    };
    if let Some(key) = discarded {
        routes.files.discard(&key).await?;
    }
    Ok(status)
}

async fn preflight() -> Response {
    let allowed = [
        EVERY_ORIGIN,
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("PUT")),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type")),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

#[derive(Deserialize)]
struct Wanted {
    variant: Option<String>,
}

async fn serve(
    State(routes): State<Routes>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let found = match id.parse() {
        Ok(id) => find(&routes, id, wanted.variant.as_deref().and_then(Variant::named), &headers).await,
        Err(_) => Ok(None),
    };
    let mut response = match found {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => failed(&error).into_response(),
    };
    response
        .headers_mut()
        .extend([EVERY_ORIGIN, (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))]);
    response
}

/// The response for a complete resource; `None` when there is no such file.
async fn find(
    routes: &Routes,
    id: ResourceId,
    variant: Option<Variant>,
    headers: &HeaderMap,
) -> Result<Option<Response>> {
    let row = store::resource_fetch(&routes.db, id).await?.filter(|row| row.state == ResourceState::Complete);
    let Some(row) = row else { return Ok(None) };
    if let Some(url) = &row.remote_url {
        let location = HeaderValue::from_str(url).map_err(|error| Error::internal("redirecting to a file", error))?;
        return Ok(Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()));
    }
    let mut described = described(&row)?;
    if let Some(variant) = variant {
        let etag = format!("\"{}-{}\"", row.checksum_sha256.as_deref().unwrap_or_default(), variant.as_str());
        let etag = HeaderValue::try_from(etag).map_err(|error| Error::internal("naming a variant", error))?;
        described.insert(header::ETAG, etag);
    }
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| Some(known) == described.get(header::ETAG)) {
        return Ok(Some((StatusCode::NOT_MODIFIED, described).into_response()));
    }
    if let Some(variant) = variant
        && let Some(small) = small(routes, &row, variant).await?
    {
        let mime_type = infer::get(&small).map_or("application/octet-stream", |kind| kind.mime_type());
        described.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime_type));
        described.insert(header::CONTENT_LENGTH, HeaderValue::from(small.len()));
        return Ok(Some((described, small).into_response()));
    }
    let Some(bytes) = routes.files.read(row.object_key.as_deref().unwrap_or_default()).await? else {
        tracing::error!(resource_id = %id, "a complete resource has no file");
        return Ok(None);
    };
    Ok(Some((described, Body::from_stream(bytes)).into_response()))
}

/// A variant of a picture: the one that is kept, or a new one, which is kept from now on. `None` when there is none of
/// this file.
async fn small(routes: &Routes, row: &resource::Model, variant: Variant) -> Result<Option<Bytes>> {
    if !row.mime_type.as_deref().is_some_and(pictures::is_picture) {
        return Ok(None);
    }
    // A complete file never changes, and so neither does its variant: two who make it at once make the same.
    let key = format!("variants/{}/{}", row.id, variant.as_str());
    if let Some(kept) = routes.files.read_whole(&key).await? {
        return Ok(Some(kept));
    }
    let Some(whole) = routes.files.read_whole(row.object_key.as_deref().unwrap_or_default()).await? else {
        return Ok(None);
    };
    let Some(small) = pictures::shrink(whole, variant).await? else { return Ok(None) };
    routes.files.keep(&key, small.clone()).await?;
    Ok(Some(small))
}

/// What a complete resource says of itself: it never changes, and whatever it is, it runs nothing.
fn described(row: &resource::Model) -> Result<HeaderMap> {
    let value = |text: String| {
        HeaderValue::try_from(text).map_err(|error| Error::internal(format!("describing file {}", row.id), error))
    };
    let mime_type = row.mime_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
    let name = percent_encoded(&row.file_name);
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, value(mime_type)?),
        (header::CONTENT_LENGTH, value(row.size_bytes.unwrap_or_default().to_string())?),
        (header::ETAG, value(format!("\"{}\"", row.checksum_sha256.as_deref().unwrap_or_default()))?),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::CONTENT_DISPOSITION, value(format!("inline; filename*=UTF-8''{name}"))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ]))
}

/// A file name as RFC 8187 wants it in a header.
fn percent_encoded(name: &str) -> String {
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// The placeholder, which must not be kept: the file may come.
fn missing() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, placeholder_png()).into_response()
}

fn failed(error: &Error) -> StatusCode {
    tracing::error!(?error, "a file route failed");
    StatusCode::INTERNAL_SERVER_ERROR
}

const EVERY_ORIGIN: (HeaderName, HeaderValue) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
