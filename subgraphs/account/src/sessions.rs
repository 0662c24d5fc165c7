//! Sessions: how they begin, go on and end.
//!
//! A session is a family of refresh tokens of which one is fresh. Each use exchanges the fresh one for the next; a used
//! one that comes back means that two parties hold the family, so the session ends. Access tokens are dated inside the
//! transaction that hands them out, under a lock that ending a session waits for: a token is therefore always older
//! than the revocation that is to hit it.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entities::account::{
    account,
    session::{self, EndReason},
};
use kernel::{AccountId, SessionId};
use rand::RngCore;
use redis::aio::ConnectionManager;
use sea_orm::{DatabaseConnection, DatabaseTransaction, TransactionTrait};
use service_kit::{
    Error, Result, Viewer,
    auth::{self, ADMIN_SCOPE, Claims, ISSUER},
};
use sha2::{Digest, Sha256};

use crate::{keys, store};

/// How long a session lives without being renewed.
const IDLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A session that was begun or renewed, with what proves it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) session_id: SessionId,
    pub(crate) account: account::Model,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Why no session begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The account is gone, or its password is no longer the one that was verified.
    Changed,
    /// The account is suspended.
    Suspended,
}

/// Begins a session of a new account, which is written in the same transaction. The inner error is the input field that
/// another account already has.
///
/// # Errors
/// The database fails.
pub(crate) async fn open_new(
    db: &DatabaseConnection,
    account: account::Model,
    device: String,
) -> Result<Result<Opened, &'static str>> {
    let txn = db.begin().await?;
    let account = match store::account_insert(&txn, account).await? {
        Ok(account) => account,
        Err(field) => return Ok(Err(field)),
    };
    let started = start_in_txn(&txn, account.id, device).await?;
    txn.commit().await?;
    started.signed(db, account).await.map(Ok)
}

/// Begins a session of an account whose password has just been verified against `verified_hash`.
///
/// # Errors
/// The database fails.
pub(crate) async fn open(
    db: &DatabaseConnection,
    account_id: AccountId,
    verified_hash: &str,
    device: String,
) -> Result<Result<Opened, Closed>> {
    let txn = db.begin().await?;
    let account = match store::account_lock_shared_in_txn(&txn, account_id).await? {
        Some(account) if account.password_hash == verified_hash => account,
        _ => return Ok(Err(Closed::Changed)),
    };
    if account.suspended_at.is_some() {
        return Ok(Err(Closed::Suspended));
    }
    store::sessions_forget_tokens_in_txn(&txn, account_id, Utc::now()).await?;
    let started = start_in_txn(&txn, account_id, device).await?;
    txn.commit().await?;
    started.signed(db, account).await.map(Ok)
}

/// Exchanges a refresh token for the next one. `None` when it proves nothing; when it had been used before, its session
/// is over now.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn renew(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    refresh_token: &str,
) -> Result<Option<Opened>> {
    let hash = hash(refresh_token);
    let txn = db.begin().await?;
    let Some(known) = store::refresh_token_find(&txn, &hash).await? else { return Ok(None) };
    let Some(session) = store::session_lock_in_txn(&txn, known.session_id).await? else { return Ok(None) };
    let now = Utc::now();
    if session.ended_at.is_some() || session.expires_at <= now {
        return Ok(None);
    }
    if !store::refresh_token_use_in_txn(&txn, &hash, now).await? {
        store::session_end_in_txn(&txn, session.account_id, session.id, EndReason::TokenReused, now).await?;
        txn.commit().await?;
        tracing::warn!(session_id = %session.id, account_id = %session.account_id, "a used refresh token came back");
        auth::revoke_session(redis, session.id).await?;
        return Ok(None);
    }
    let Some(account) = store::account_fetch(&txn, session.account_id).await? else { return Ok(None) };
    store::session_renew_in_txn(&txn, session.id, now, now + IDLE).await?;
    let started = hand_out_in_txn(&txn, session.id, now).await?;
    txn.commit().await?;
    started.signed(db, account).await.map(Some)
}

/// Ends one session of the viewer's account. Answers whether there was one.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn close(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    viewer: &Viewer,
    id: SessionId,
    reason: EndReason,
) -> Result<bool> {
    let txn = db.begin().await?;
    let ended = store::session_end_in_txn(&txn, viewer.account_id, id, reason, Utc::now()).await?;
    txn.commit().await?;
    // Also when it had ended before: the process may have died between the two.
    if ended || id == viewer.session_id {
        auth::revoke_session(redis, id).await?;
    }
    Ok(ended)
}

/// Ends every session of an account. Answers how many there were.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn close_all(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    account_id: AccountId,
) -> Result<usize> {
    let txn = db.begin().await?;
    store::account_lock_in_txn(&txn, account_id).await?;
    let ended = store::sessions_end_in_txn(&txn, account_id, None, EndReason::LoggedOut, Utc::now()).await?;
    txn.commit().await?;
    revoke_all(redis, account_id, &ended).await?;
    Ok(ended.len())
}

/// Replaces the password and ends every session but the viewer's own. The new hash must have been made outside; nothing
/// happens, and the answer is `false`, when the password is no longer the one that was verified.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn change_password(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    viewer: &Viewer,
    verified_hash: &str,
    new_hash: String,
) -> Result<bool> {
    let txn = db.begin().await?;
    match store::account_lock_in_txn(&txn, viewer.account_id).await? {
        Some(account) if account.password_hash == verified_hash => {}
        _ => return Ok(false),
    }
    store::account_password_set_in_txn(&txn, viewer.account_id, new_hash).await?;
    let (id, own) = (viewer.account_id, Some(viewer.session_id));
    let ended = store::sessions_end_in_txn(&txn, id, own, EndReason::PasswordChanged, Utc::now()).await?;
    txn.commit().await?;
    for session_id in ended {
        auth::revoke_session(redis, session_id).await?;
    }
    Ok(true)
}

/// Suspends an account and ends its sessions, or takes the suspension back. `None` when there is no such account.
///
/// # Errors
/// The database or Redis fails.
pub(crate) async fn suspend(
    db: &DatabaseConnection,
    redis: &ConnectionManager,
    account_id: AccountId,
    reason: Option<String>,
) -> Result<Option<account::Model>> {
    let now = Utc::now();
    let txn = db.begin().await?;
    let Some(account) = store::account_lock_in_txn(&txn, account_id).await? else { return Ok(None) };
    let Some(reason) = reason else {
        let account = store::account_suspension_set_in_txn(&txn, account_id, None).await?;
        txn.commit().await?;
        return Ok(Some(account));
    };
    let since = account.suspended_at.unwrap_or(now);
    let account = store::account_suspension_set_in_txn(&txn, account_id, Some((since, reason))).await?;
    let ended = store::sessions_end_in_txn(&txn, account_id, None, EndReason::Suspended, now).await?;
    txn.commit().await?;
    revoke_all(redis, account_id, &ended).await?;
    Ok(Some(account))
}

/// Ends the access tokens of an account. Each session is named as well, so that clocks that differ between machines let
/// no token slip by.
pub(crate) async fn revoke_all(redis: &ConnectionManager, account_id: AccountId, ended: &[SessionId]) -> Result<()> {
    auth::revoke_account(redis, account_id).await?;
    for session_id in ended {
        auth::revoke_session(redis, *session_id).await?;
    }
    Ok(())
}

/// A session that is committed and whose access token is to be signed.
struct Started {
    session_id: SessionId,
    refresh_token: String,
    issued_at: DateTime<Utc>,
}

impl Started {
    async fn signed(self, db: &DatabaseConnection, account: account::Model) -> Result<Opened> {
        let expires_at = keys::expiry(self.issued_at);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: account.id,
            sid: self.session_id,
            scope: if account.is_admin { ADMIN_SCOPE.to_owned() } else { String::new() },
            iat_ms: self.issued_at.timestamp_millis(),
            exp: expires_at.timestamp(),
        };
        let access_token = keys::sign(db, &claims).await?;
        let (session_id, refresh_token) = (self.session_id, self.refresh_token);
        Ok(Opened { session_id, account, access_token, refresh_token, expires_at })
    }
}

async fn start_in_txn(txn: &DatabaseTransaction, account_id: AccountId, device: String) -> Result<Started> {
    let now = Utc::now();
    let session = session::Model {
        id: SessionId::new(),
        account_id,
        device,
        created_at: now,
        refreshed_at: now,
        expires_at: now + IDLE,
        ended_at: None,
        end_reason: None,
    };
    let id = session.id;
    store::session_insert_in_txn(txn, session).await?;
    hand_out_in_txn(txn, id, now).await
}

/// Writes the next refresh token of a session.
async fn hand_out_in_txn(txn: &DatabaseTransaction, session_id: SessionId, now: DateTime<Utc>) -> Result<Started> {
    let mut secret = [0_u8; 32];
    rand::rng().fill_bytes(&mut secret);
    let refresh_token = URL_SAFE_NO_PAD.encode(secret);
    store::refresh_token_insert_in_txn(txn, hash(&refresh_token), session_id, now).await?;
    Ok(Started { session_id, refresh_token, issued_at: now })
}

/// A refresh token is 256 random bits, so that a plain hash is as good as a slow one.
fn hash(refresh_token: &str) -> String {
    hex::encode(Sha256::digest(refresh_token))
}

/// The account that is asked about is the viewer's own.
///
/// # Errors
/// [`Error::Unauthenticated`] when nobody is logged in, [`Error::Forbidden`] when somebody else is.
pub(crate) fn own<'a>(ctx: &async_graphql::Context<'a>, id: AccountId) -> Result<&'a Viewer> {
    let viewer = Viewer::of(ctx)?;
    if viewer.account_id == id { Ok(viewer) } else { Err(Error::Forbidden) }
}
