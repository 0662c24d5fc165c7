//! One log-in of an account.

use kernel::{AccountId, SessionId};
use sea_orm::entity::prelude::*;

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndReason {
    /// Its own device logged out.
    LoggedOut,
    /// Another device of the account ended it.
    Revoked,
    /// A refresh token that had been used came back.
    TokenReused,
    /// The password was changed from another session.
    PasswordChanged,
    /// The account was suspended.
    Suspended,
}

/// One session.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "session")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// What the client calls the device; may be empty.
    pub device: String,
    /// When it began.
    pub created_at: DateTimeUtc,
    /// When its tokens were last renewed.
    pub refreshed_at: DateTimeUtc,
    /// When it ends unless it is renewed.
    pub expires_at: DateTimeUtc,
    /// When it ended before its time.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it ended before its time.
    pub end_reason: Option<EndReason>,
}

impl ActiveModelBehavior for ActiveModel {}
