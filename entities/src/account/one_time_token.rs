//! A secret that was sent to somebody, as its hash.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// What a secret is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, serde::Serialize, serde::Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenPurpose {
    /// It proves an email address.
    VerifyEmail,
    /// It proves a phone number.
    VerifyPhone,
    /// It lets its holder set a new password.
    ResetPassword,
}

/// One secret; an account has at most one for each purpose.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "one_time_token")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// What it is good for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: TokenPurpose,
    /// Where it was sent: an email address or a phone number.
    pub destination: String,
    /// Its SHA-256 in hexadecimal.
    pub token_hash: String,
    /// How often somebody has tried it.
    pub attempts: i32,
    /// When it was sent.
    pub created_at: DateTimeUtc,
    /// Until when it is good.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
