//! Log-ins.

use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use entities::account::session;
use kernel::SessionId;
use service_kit::Viewer;

use super::Account;
use crate::sessions::Opened;

/// A session that has just begun or been renewed, with the tokens that prove it.
#[derive(SimpleObject)]
pub struct OpenedSession {
    /// The id of the session, as in `Account.sessions`.
    pub id: SessionId,
    /// Send it with each request as `Authorization: Bearer …`, and in the payload of `connection_init`.
    pub access_token: String,
    /// Keep it safe: `refreshSession` exchanges it for the next pair of tokens, once. Using it twice ends the session.
    pub refresh_token: String,
    /// When the access token ends, 15 minutes from now. Refresh before.
    pub expires_at: DateTime<Utc>,
    /// The account that is logged in.
    pub account: Account,
}

impl From<Opened> for OpenedSession {
    fn from(opened: Opened) -> Self {
        Self {
            id: opened.session_id,
            access_token: opened.access_token,
            refresh_token: opened.refresh_token,
            expires_at: opened.expires_at,
            account: opened.account.into(),
        }
    }
}

/// One place where an account is logged in.
#[derive(SimpleObject, Debug, Clone)]
pub struct Session {
    /// Its id, for `revokeSession`.
    pub id: SessionId,
    /// What the client called the device when it logged in; may be empty.
    pub device: String,
    /// Whether it is the session of this request.
    pub current: bool,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When its tokens were last renewed.
    pub refreshed_at: DateTime<Utc>,
    /// When it ends unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// The session as its owner sees it.
    pub(crate) fn of(row: session::Model, viewer: &Viewer) -> Self {
        Self {
            current: row.id == viewer.session_id,
            id: row.id,
            device: row.device,
            created_at: row.created_at,
            refreshed_at: row.refreshed_at,
            expires_at: row.expires_at,
        }
    }
}
