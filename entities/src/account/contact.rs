//! A shipping address.

use kernel::{AccountId, ContactId};
use sea_orm::entity::prelude::*;

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactKind {
    /// Somebody lives there.
    Home,
    /// Somebody works there.
    Work,
}

/// One contact.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "contact")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ContactId,
    /// Whose.
    pub account_id: AccountId,
    /// Who receives the parcel.
    pub full_name: String,
    /// In E.164 form.
    pub phone: String,
    /// The address on one line.
    pub address: String,
    /// What kind of place it is.
    pub kind: ContactKind,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Whether it is the account's default; exactly one is.
    pub is_default: bool,
    /// When it was written.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
