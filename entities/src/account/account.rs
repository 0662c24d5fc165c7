//! A person or a shop, and what it logs in with.

use kernel::AccountId;
use sea_orm::entity::prelude::*;

/// How a person describes their gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two.
    Other,
}

/// One account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "account", table_name = "account")]
pub struct Model {
    /// Id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// As its owner writes it; unique without regard to case.
    pub username: Option<String>,
    /// In lower case; unique without regard to case.
    pub email: Option<String>,
    /// In E.164 form.
    pub phone: Option<String>,
    /// An argon2id hash in PHC form.
    pub password_hash: String,
    /// The name others see.
    pub name: String,
    /// What the account says of itself.
    pub description: String,
    /// Gender, when told.
    pub gender: Option<Gender>,
    /// Date of birth, when told.
    pub date_of_birth: Option<Date>,
    /// ISO 3166-1 alpha-2; it gives the currency.
    pub country: String,
    /// When the email address was proved.
    pub email_verified_at: Option<DateTimeUtc>,
    /// When the phone number was proved.
    pub phone_verified_at: Option<DateTimeUtc>,
    /// Whether its tokens carry the scope `admin`.
    pub is_admin: bool,
    /// When an administrator suspended it.
    pub suspended_at: Option<DateTimeUtc>,
    /// Why.
    pub suspension_reason: Option<String>,
    /// When it was registered.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
