//! A payment method, as a provider's token.

use kernel::{AccountId, PaymentMethodId};
use sea_orm::entity::prelude::*;

/// A provider's token, which no log shows.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub struct PaymentToken(pub String);

impl std::fmt::Debug for PaymentToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaymentToken(…)")
    }
}

/// One payment method.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "payment_method")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentMethodId,
    /// Whose.
    pub account_id: AccountId,
    /// Whose token it is, as in `sandbox`.
    pub provider: String,
    /// What the provider charges by; never shown.
    pub token: PaymentToken,
    /// What a person calls it, as in `VISA`.
    pub brand: String,
    /// The last digits of the card or the account, at most four.
    pub last_digits: String,
    /// The year in which it expires.
    pub expires_year: Option<i32>,
    /// The month in which it expires, 1 to 12.
    pub expires_month: Option<i32>,
    /// Whether it is the account's default; exactly one is.
    pub is_default: bool,
    /// When it was added.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
