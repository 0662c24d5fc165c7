//! Who is asking: access tokens, their keys, and their revocation.
//!
//! Every subgraph verifies the token itself. Nothing trusts a header that a client could forge, so a subgraph is as
//! safe without the router as behind it. Tokens are JWTs signed with EdDSA
//! ([RFC 8037](https://www.rfc-editor.org/rfc/rfc8037)); the public keys come from the account module as a JWKS
//! ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).

mod keys;

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, Guard};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use jsonwebtoken::{Algorithm, Validation};
use kernel::{AccountId, SessionId};
use redis::{AsyncCommands, aio::ConnectionManager};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Error, Result};
use keys::KeyRing;

/// The `iss` of every access token.
pub const ISSUER: &str = "shopnexus";

/// How long an access token lives, and so how long a revocation has to be remembered.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The scope of administrators.
pub const ADMIN_SCOPE: &str = "admin";

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Always [`ISSUER`].
    pub iss: String,
    /// The account.
    pub sub: AccountId,
    /// The session, which can be revoked.
    pub sid: SessionId,
    /// Space-separated scopes; `admin` or empty.
    pub scope: String,
    /// Issued at, in milliseconds since the epoch, so that a revocation hits exactly the tokens before it.
    pub iat_ms: i64,
    /// Expiry, in seconds since the epoch.
    pub exp: i64,
}

/// The account that makes a request, as its access token proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The account.
    pub account_id: AccountId,
    /// The session the token belongs to.
    pub session_id: SessionId,
    /// Whether the token carries the scope `admin`.
    pub admin: bool,
    /// When the token was issued.
    pub issued_at_ms: i64,
    /// When the token expires.
    pub expires_at: DateTime<Utc>,
}

impl Viewer {
    /// The viewer of the request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when nobody is logged in.
    pub fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        Self::maybe(ctx).ok_or(Error::Unauthenticated)
    }

    /// The viewer of the request, if somebody is logged in.
    pub fn maybe<'a>(ctx: &Context<'a>) -> Option<&'a Self> {
        ctx.data_opt::<Self>()
    }
}

/// Guards a field for anybody who is logged in.
pub struct SignedIn;

impl Guard for SignedIn {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Viewer::of(ctx)?;
        Ok(())
    }
}

/// Guards a field for administrators.
pub struct Admin;

impl Guard for Admin {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        if Viewer::of(ctx)?.admin { Ok(()) } else { Err(Error::Forbidden.into()) }
    }
}

/// Verifies access tokens against the cached keys and the revocations.
#[derive(Clone)]
pub struct Authenticator {
    keys: Arc<KeyRing>,
    redis: ConnectionManager,
}

impl Authenticator {
    /// An authenticator that reads keys from `jwks_url` when it first needs them.
    pub fn new(jwks_url: Url, http: reqwest::Client, redis: ConnectionManager) -> Self {
        Self { keys: Arc::new(KeyRing::new(jwks_url, http)), redis }
    }

    /// The viewer that the `Authorization` header proves; `None` without the header.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when there is a header and it proves nothing.
    pub async fn viewer_of(&self, headers: &HeaderMap) -> Result<Option<Viewer>> {
        match headers.get(http::header::AUTHORIZATION) {
            None => Ok(None),
            Some(value) => self.viewer(value.to_str().map_err(|_| Error::Unauthenticated)?).await.map(Some),
        }
    }

    /// The viewer that `Bearer <token>` proves.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the token is malformed, not ours, expired or revoked; [`Error::Unavailable`] when
    /// the account module has to be asked for its key, and is away.
    pub async fn viewer(&self, authorization: &str) -> Result<Viewer> {
        let token = authorization.strip_prefix("Bearer ").ok_or(Error::Unauthenticated)?;
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?;
        let key = self.keys.key(&header.kid.ok_or(Error::Unauthenticated)?).await?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        validation.leeway = 0;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| Error::Unauthenticated)?.claims;
        let viewer = Viewer {
            account_id: claims.sub,
            session_id: claims.sid,
            admin: claims.scope.split(' ').any(|scope| scope == ADMIN_SCOPE),
            issued_at_ms: claims.iat_ms,
            expires_at: DateTime::from_timestamp(claims.exp, 0).ok_or(Error::Unauthenticated)?,
        };
        if self.is_revoked(&viewer).await { Err(Error::Unauthenticated) } else { Ok(viewer) }
    }

    /// Whether the viewer's session or account has been revoked since the token was issued. Without Redis the answer
    /// is no: the token then ends by its expiry at the latest.
    pub async fn is_revoked(&self, viewer: &Viewer) -> bool {
        let keys = [session_key(viewer.session_id), account_key(viewer.account_id)];
        let revoked: redis::RedisResult<(Option<i64>, Option<i64>)> = self.redis.clone().mget(&keys).await;
        match revoked {
            Ok((session, account)) => session.is_some() || account.is_some_and(|at_ms| viewer.issued_at_ms <= at_ms),
            Err(error) => {
                tracing::warn!(%error, "revocations cannot be read; tokens end by their expiry");
                false
            }
        }
    }
}

/// Ends a session everywhere: its access tokens stop working within a second. For the account module alone.
///
/// # Errors
/// Redis cannot be reached. The refresh tokens must have been revoked in the database before.
pub async fn revoke_session(redis: &ConnectionManager, session_id: SessionId) -> Result<()> {
    revoke(redis, session_key(session_id)).await
}

/// Ends every access token that an account has been issued until now. For the account module alone.
///
/// # Errors
/// Redis cannot be reached. The refresh tokens must have been revoked in the database before.
pub async fn revoke_account(redis: &ConnectionManager, account_id: AccountId) -> Result<()> {
    revoke(redis, account_key(account_id)).await
}

async fn revoke(redis: &ConnectionManager, key: String) -> Result<()> {
    let mut redis = redis.clone();
    let _: () = redis.set_ex(&key, Utc::now().timestamp_millis(), ACCESS_TOKEN_LIFETIME.as_secs() + 60).await?;
    let _: i64 = redis.publish(&key, "").await?;
    Ok(())
}

/// The Redis key, and the live topic, of a session's revocation.
pub(crate) fn session_key(session_id: SessionId) -> String {
    format!("revoked:session:{session_id}")
}

/// The Redis key, and the live topic, of an account's revocation.
pub(crate) fn account_key(account_id: AccountId) -> String {
    format!("revoked:account:{account_id}")
}
